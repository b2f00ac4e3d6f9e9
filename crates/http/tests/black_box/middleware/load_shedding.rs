//! Load shedding: more requests than the concurrency limit.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::kernel::{EventLog, LoggedEvent, Role, StoreError};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, Semaphore},
};

use crate::scene::{Answer, Client, Scene};

/// An event log that notifies when it is read, and waits for a permit before it answers.
#[derive(Clone)]
struct BlockedLog {
    is_read: Arc<Notify>,
    permits: Arc<Semaphore>,
}

#[async_trait]
impl EventLog for BlockedLog {
    async fn after(&self, _position: u64, _limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        self.is_read.notify_one();
        self.permits.acquire().await.expect("never closed").forget();
        Ok(Vec::new())
    }
}

/// A server that handles one request at a time, a signed-in client with its token, and the log that blocks requests.
async fn start() -> (Client, String, BlockedLog) {
    let mut scene = Scene::new();
    let log = BlockedLog { is_read: Arc::default(), permits: Arc::new(Semaphore::new(0)) };
    scene.settings.requests_in_flight_max = 1;
    scene.events = Arc::new(log.clone());
    scene.user("ada@example.org", Role::Responder).await;
    let (ada, tokens) = scene.start().sign_in("ada@example.org").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    (ada, token, log)
}

/// Sends a request that holds the only permit until the log answers.
async fn take_the_permit(ada: &Client, log: &BlockedLog) -> tokio::task::JoinHandle<Answer> {
    let reader = ada.clone();
    let reading = tokio::spawn(async move { reader.get("/events?after=0").await });
    log.is_read.notified().await;
    reading
}

#[tokio::test]
async fn a_request_without_a_permit_is_refused_immediately_and_served_when_one_is_free() {
    let (ada, _, log) = start().await;
    let reading = take_the_permit(&ada, &log).await;
    for (method, path, body) in [
        (Method::GET, "/api/v1/users/me", None),
        (Method::POST, "/api/v1/incidents", Some(Value::from("never read"))),
        (Method::GET, "/api/v1/nowhere", None),
    ] {
        let refused = ada.send(method, path, body).await;
        assert_eq!(refused.code(), (503, "overloaded"), "{path}: {}", refused.text);
        let headers = (refused.header("content-type"), refused.header("retry-after"));
        assert_eq!(headers, ("application/problem+json", "1"), "{path}");
        assert_ne!(refused.header("x-request-id"), "", "{path}");
    }
    for path in ["/health/live", "/health/ready", "/health/db", "/metrics"] {
        assert_eq!(ada.send(Method::GET, path, None).await.status, 200, "{path} bypasses the limit");
    }
    log.permits.add_permits(1);
    assert_eq!(reading.await.expect("an answer").status, 200);
    assert_eq!(ada.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn a_client_that_disconnects_releases_its_permit() {
    let (ada, _, log) = start().await;
    let reading = take_the_permit(&ada, &log).await;
    reading.abort();
    // The server notices the disconnect a moment later.
    while ada.get("/users/me").await.status == 503 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_slow_body_holds_no_permit_and_needs_one_when_it_has_arrived() {
    let (ada, token, log) = start().await;
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
        // Other requests are served once the server waits for the body.
        while ada.get("/users/me").await.status == 503 {
            tokio::task::yield_now().await;
        }
        let reading = if is_full { Some(take_the_permit(&ada, &log).await) } else { None };
        slow.write_all(end.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        slow.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{headers}: {answer}");
        assert_eq!(answer.contains(r#""code":"overloaded""#), is_full, "{headers}: {answer}");
        if let Some(reading) = reading {
            log.permits.add_permits(1);
            assert_eq!(reading.await.expect("an answer").status, 200);
        }
    }
    let list = ada.get("/incidents").await;
    assert_eq!(list.body["total"], 2, "a refused request was executed: {}", list.text);
}
