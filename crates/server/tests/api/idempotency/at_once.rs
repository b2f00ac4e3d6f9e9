//! Concurrent equal requests.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::Happened;
use crate::support::{Answer, Client, Running, TestServer, new_email, new_password};

const INCIDENTS: &str = "/api/v1/incidents";

/// Sends a request this many times concurrently, to these servers in turn, by one client with one key.
pub(super) async fn send_at_once(
    servers: &[&Running],
    client: &Client,
    times: usize,
    (method, path, body): (Method, &str, Value),
) -> Answer {
    let clients: Vec<Client> = servers.iter().map(|server| server.with(client)).collect();
    let requests =
        clients.iter().cycle().take(times).map(|client| client.keyed(method.clone(), path, "at once", &body));
    let answers = join_all(requests).await;
    let (done, replayed): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| !answer.is_replayed());
    assert_eq!((done.len(), replayed.len()), (1, times - 1), "{method} {path} was done so often: {done:?}");
    let done = done.into_iter().next().expect("one of them did it");
    assert!(done.status.is_success(), "{done:?}");
    for answer in &replayed {
        assert_eq!(answer.replayable_parts(), done.replayable_parts(), "{method} {path}");
    }
    done
}

/// Sends every kind of command many times concurrently.
pub(super) async fn everything_happens_once(server: &TestServer, servers: &[&Running]) {
    let root = server.root().await;
    for round in 0..3 {
        let person = server.person("admin").await;
        let client = &person.client;
        let before = Happened::seen_by(root).await;

        let opened = send_at_once(servers, client, 200, (Method::POST, INCIDENTS, json!({"title": "once"}))).await;
        let path = opened.header("location").to_owned();
        let incidents = root.get(&format!("{INCIDENTS}?reported_by={}", person.id)).await;
        assert_eq!(incidents.body["total"], 1, "{round}");
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "{round}");

        let client = &person.sign_in_again(server).await.client;
        let logs = format!("{path}/logs");
        let remark = (Method::POST, logs.as_str(), json!({"message": "one comment"}));
        let other_key = server.person("responder").await.client;
        let before = Happened::seen_by(root).await;
        let comment = send_at_once(servers, &other_key, 200, remark).await;
        assert_eq!(comment.body["sequence"], 2, "{comment:?}");
        assert_eq!(root.get(&logs).await.body["total"], 2, "{round}");
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "{round}");

        for body in [json!({"status": "investigating"}), json!({"status": "resolved", "resolution": {"code": "fixed"}})]
        {
            assert_eq!(client.patch(&path, body).await.status, 200);
        }
        let reopening = (Method::PATCH, path.as_str(), json!({"status": "investigating", "reason": "it is back"}));
        let other_key = server.person("responder").await.client;
        let before = Happened::seen_by(root).await;
        let reopened = send_at_once(servers, &other_key, 200, reopening).await;
        assert_eq!((&reopened.body["reopen_count"], &reopened.body["version"]), (&json!(1), &json!(4)));
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "{round}");
        assert_eq!(root.get(&path).await.text, reopened.text, "{round}");

        let maker = server.person("admin").await.client;
        let new = json!({"email": new_email(), "name": "Grace", "role": "viewer", "password": new_password()});
        let before = Happened::seen_by(root).await;
        let created = send_at_once(servers, &maker, 30, (Method::POST, "/api/v1/users", new)).await;
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "{round}");
        assert_eq!(root.get(created.header("location")).await.text, created.text, "{round}");

        let holder = server.person("viewer").await.client;
        let new = json!({"name": "once", "role": "viewer"});
        let before = Happened::seen_by(root).await;
        let created = send_at_once(servers, &holder, 50, (Method::POST, "/api/v1/auth/api-tokens", new)).await;
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "{round}");
        assert_eq!(holder.get("/api/v1/auth/api-tokens").await.body["total"], 1, "{round}");
        let machine = holder.with_token(&created.text_of("token"));
        assert_eq!(machine.get("/api/v1/users/me").await.status, 200, "the token in all responses is valid");

        let remover = server.person("manager").await.client;
        let before = Happened::seen_by(root).await;
        send_at_once(servers, &remover, 50, (Method::DELETE, &path, Value::Null)).await;
        assert_eq!(Happened::seen_by(root).await, before.and(1, 1), "no request was refused: {round}");
    }
}

#[tokio::test]
async fn hundreds_of_concurrent_equal_requests_have_one_effect_and_equal_responses() {
    let server = TestServer::start().await;
    everything_happens_once(&server, &[server.running()]).await;
}

#[tokio::test]
async fn concurrent_requests_with_different_keys_have_one_effect_each() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let keys: Vec<String> = (0..20).map(|n| format!("key {n}")).collect();
    // The first of each key, then the second, and so on.
    let requests = (0..10).flat_map(|_| &keys).map(|key| client.post_once(INCIDENTS, key, json!({"title": "t"})));
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    let mut opened: Vec<&str> = answers.iter().map(|answer| answer.header("location")).collect();
    for (index, path) in opened.iter().enumerate() {
        assert_eq!(*path, opened[index % keys.len()], "{}", keys[index % keys.len()]);
    }
    opened.sort_unstable();
    opened.dedup();
    assert_eq!(opened.len(), keys.len());
    assert_eq!(client.get(INCIDENTS).await.body["total"], keys.len());
}

#[tokio::test]
async fn of_two_different_requests_that_race_for_one_key_one_succeeds_and_the_other_is_refused() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    for round in 0..5 {
        let key = format!("raced for {round}");
        let requests = (0..40).map(|n| {
            let body = json!({"title": format!("round {round}, side {}", n % 2)});
            client.post_once(INCIDENTS, &key, body)
        });
        let answers = join_all(requests).await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((done.len(), refused.len()), (20, 20), "{answers:?}");
        assert!(done.iter().all(|answer| answer.replayable_parts() == done[0].replayable_parts()), "{done:?}");
        assert!(refused.iter().all(|answer| answer.code() == (422, "idempotency_key_reused")), "{refused:?}");
        assert_eq!(client.get(INCIDENTS).await.body["total"], round + 1);
    }
}
