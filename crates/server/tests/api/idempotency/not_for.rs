//! Operations without idempotency keys: a key is ignored, and nothing is kept.

use reqwest::Method;
use serde_json::json;

use super::kept;
use crate::support::{TestServer, send};

#[tokio::test]
async fn reads_ignore_the_key() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let opened = client.open("before").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let read = |key: &'static str| send(client.request(Method::GET, &path).header("Idempotency-Key", key));
    let first = read("key").await;
    assert_eq!(client.patch(&path, json!({"title": "after"})).await.status, 200);
    let second = read("key").await;
    assert_eq!((&first.body["title"], &second.body["title"]), (&json!("before"), &json!("after")));
    assert!(!second.headers.contains_key("idempotency-replayed"));
    assert_eq!(read("\"no key").await.status, 200, "nor is its form looked at");
    assert_eq!(kept(&server).await, "0");
    assert_eq!(client.patch_once(&path, "key", json!({"title": "done"})).await.status, 200, "the key is not used up");
    assert_eq!(kept(&server).await, "1", "kept responses are in this table");
}

#[tokio::test]
async fn sign_ins_and_refreshes_ignore_the_key() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let anonymous = server.client();
    let login = json!({"email": person.email, "password": person.password});
    let mut tokens = vec![person.refresh_token.clone()];
    for _ in 0..2 {
        let answer = anonymous.post_once("/api/v1/auth/login", "key", login.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.is_replayed()), (200, false));
        tokens.push(answer.text_of("refresh_token"));
    }
    for _ in 0..2 {
        let shown = json!({"refresh_token": person.refresh_token});
        // Within the grace period of a lost response, so it gets another successor.
        let answer = anonymous.post_once("/api/v1/auth/refresh", "key", shown).await;
        assert_eq!((answer.status.as_u16(), answer.is_replayed()), (200, false));
        tokens.push(answer.text_of("refresh_token"));
    }
    let given = tokens.len();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), given, "no response was replayed");
    let wrong = json!({"email": person.email, "password": "wrong"});
    for body in [wrong, login] {
        let status = if body["password"] == "wrong" { 401 } else { 200 };
        assert_eq!(anonymous.post_once("/api/v1/auth/login", "\"no key", body).await.status, status);
    }
    assert_eq!(kept(&server).await, "0");
}

#[tokio::test]
async fn unauthenticated_callers_do_not_learn_whether_a_key_was_used() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let body = json!({"title": "t"});
    assert_eq!(person.client.post_once("/api/v1/incidents", "key", body.clone()).await.status, 201);
    let garbage = person.client.with_token("garbage");
    for key in ["key", "another", "\"no key", &"k".repeat(256)] {
        let refused = server.client().post_once("/api/v1/incidents", key, body.clone()).await;
        assert_eq!(refused.code(), (401, "not_signed_in"), "{key}");
        let garbage = garbage.post_once("/api/v1/incidents", key, body.clone()).await;
        assert_eq!(garbage.code(), (401, "invalid_token"), "{key}");
    }
    let large = json!({"title": "t", "description": "d".repeat(2 * 1024 * 1024)});
    let refused = server.client().post_once("/api/v1/incidents", "key", large).await;
    assert_eq!(refused.code(), (401, "not_signed_in"), "and the body is not read");
}
