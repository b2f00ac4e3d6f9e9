//! More requests at a time than are worked on.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    LoggedEvent, Role,
    ports::{EventLog, StoreError},
};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, Semaphore},
};

use crate::scene::{Answer, Client, Scene};

/// An event log that says when it is read, and answers when it is let.
#[derive(Clone)]
struct Held {
    is_read: Arc<Notify>,
    lets: Arc<Semaphore>,
}

#[async_trait]
impl EventLog for Held {
    async fn after(&self, _position: u64, _limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        self.is_read.notify_one();
        self.lets.acquire().await.expect("never closed").forget();
        Ok(Vec::new())
    }
}

/// A server that works on one request at a time, somebody who is signed in, their token, and what holds requests up.
async fn narrow() -> (Client, String, Held) {
    let mut scene = Scene::new();
    let held = Held { is_read: Arc::default(), lets: Arc::new(Semaphore::new(0)) };
    scene.settings.requests_in_flight_max = 1;
    scene.events = Arc::new(held.clone());
    scene.user("ada@example.org", Role::Responder).await;
    let (ada, tokens) = scene.start().sign_in("ada@example.org").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    (ada, token, held)
}

/// Takes the one place there is, until the answer is let go.
async fn take_the_place(ada: &Client, held: &Held) -> tokio::task::JoinHandle<Answer> {
    let reader = ada.clone();
    let reading = tokio::spawn(async move { reader.get("/events?after=0").await });
    held.is_read.notified().await;
    reading
}

#[tokio::test]
async fn who_finds_no_place_is_sent_away_at_once_and_let_in_when_there_is_one() {
    let (ada, _, held) = narrow().await;
    let reading = take_the_place(&ada, &held).await;
    for (method, path, body) in [
        (Method::GET, "/api/v1/users/me", None),
        (Method::POST, "/api/v1/incidents", Some(Value::from("not even looked at"))),
        (Method::GET, "/api/v1/nowhere", None),
    ] {
        let refused = ada.send(method, path, body).await;
        assert_eq!(refused.code(), (503, "overloaded"), "{path}: {}", refused.text);
        let told = (refused.header("content-type"), refused.header("retry-after"));
        assert_eq!(told, ("application/problem+json", "1"), "{path}");
        assert_ne!(refused.header("x-request-id"), "", "{path}");
    }
    for path in ["/health/live", "/health/ready", "/health/db", "/metrics"] {
        assert_eq!(ada.send(Method::GET, path, None).await.status, 200, "{path} is told whatever happens");
    }
    held.lets.add_permits(1);
    assert_eq!(reading.await.expect("an answer").status, 200);
    assert_eq!(ada.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_its_place() {
    let (ada, _, held) = narrow().await;
    let reading = take_the_place(&ada, &held).await;
    reading.abort();
    // The server learns of it a moment later.
    while ada.get("/users/me").await.status == 503 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_is_slow_to_send_holds_no_place_and_may_find_none_in_the_end() {
    let (ada, token, held) = narrow().await;
    for (headers, is_full, expected) in [
        ("", false, "201"),
        ("", true, "503"),
        ("Idempotency-Key: k\r\n", false, "201"),
        ("Idempotency-Key: l\r\n", true, "503"),
    ] {
        let address = ada.url.strip_prefix("http://").expect("an address");
        let mut slow = TcpStream::connect(address).await.expect("a connection");
        let (begun, end) = (r#"{"title":"#, r#""checkout answers 500"}"#);
        let request = format!(
            "POST /api/v1/incidents HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\n{headers}\
             Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{begun}",
            begun.len() + end.len()
        );
        slow.write_all(request.as_bytes()).await.expect("sent");
        // Others are let in as soon as it is seen that the body has not come.
        while ada.get("/users/me").await.status == 503 {
            tokio::task::yield_now().await;
        }
        let reading = if is_full { Some(take_the_place(&ada, &held).await) } else { None };
        slow.write_all(end.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        slow.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{headers}: {answer}");
        assert_eq!(answer.contains(r#""code":"overloaded""#), is_full, "{headers}: {answer}");
        if let Some(reading) = reading {
            held.lets.add_permits(1);
            assert_eq!(reading.await.expect("an answer").status, 200);
        }
    }
    let list = ada.get("/incidents").await;
    assert_eq!(list.body["total"], 2, "what was sent away was not done: {}", list.text);
}
