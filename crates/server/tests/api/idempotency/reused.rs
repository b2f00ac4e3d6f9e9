//! A used key with another request or by another user.

use reqwest::Method;
use serde_json::{Value, json};

use super::Happened;
use crate::support::{TestServer, send};

const INCIDENTS: &str = "/api/v1/incidents";
const API_TOKENS: &str = "/api/v1/auth/api-tokens";

#[tokio::test]
async fn a_used_key_is_refused_with_any_other_request() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("manager").await);
    let client = &person.client;
    let opened = client.open("there").await;
    let path = format!("{INCIDENTS}/{}", opened["id"].as_str().expect("an id"));
    let by_number = format!("{INCIDENTS}/{}", opened["number"].as_str().expect("a number"));
    let body = json!({"title": "one"});
    let first = client.patch_once(&path, "key", body.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    let before = Happened::seen_by(root).await;
    let logs = format!("{path}/logs");
    let with_query = format!("{path}?n=1");
    let with_empty_query = format!("{path}?");
    let others: &[(&str, Method, &str, Value)] = &[
        ("another body", Method::PATCH, &path, json!({"title": "two"})),
        ("more in the body", Method::PATCH, &path, json!({"title": "one", "priority": "high"})),
        ("no body", Method::PATCH, &path, Value::Null),
        ("a body that cannot be", Method::PATCH, &path, json!({"titel": 7})),
        ("another method", Method::DELETE, &path, body.clone()),
        ("another method and no body", Method::DELETE, &path, Value::Null),
        ("another path", Method::POST, INCIDENTS, body.clone()),
        ("a path below", Method::POST, &logs, json!({"message": "one"})),
        ("another name of the same incident", Method::PATCH, &by_number, body.clone()),
        ("another query", Method::PATCH, &with_query, body.clone()),
        ("an empty query", Method::PATCH, &with_empty_query, body.clone()),
        ("something that the user may not do", Method::POST, "/api/v1/users", body.clone()),
    ];
    for (what, method, path, body) in others {
        let refused = client.keyed(method.clone(), path, "key", body).await;
        assert_eq!(refused.code(), (422, "idempotency_key_reused"), "{what}: {refused:?}");
        assert!(!refused.headers.contains_key("idempotency-replayed"), "{what}: {refused:?}");
    }
    let spaced = client.request(Method::PATCH, &path).header("Idempotency-Key", "key");
    let spaced = send(spaced.header("Content-Type", "application/json").body("{\"title\": \"one\"}")).await;
    assert_eq!(spaced.code(), (422, "idempotency_key_reused"), "the same value in other bytes is another body");

    assert_eq!(Happened::seen_by(root).await, before);
    assert_eq!(root.get(&path).await.text, first.text);
    let again = client.patch_once(&path, "key", body).await;
    assert_eq!(
        (again.replayable_parts(), again.is_replayed()),
        (first.replayable_parts(), true),
        "the first still holds"
    );
}

#[tokio::test]
async fn the_query_is_part_of_the_request() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let sessions = "/api/v1/auth/sessions";
    let kept = format!("{sessions}?keep_current=true");
    assert_eq!(person.client.delete_once(&kept, "key").await.status, 204);
    assert_eq!(person.client.delete_once(sessions, "key").await.code(), (422, "idempotency_key_reused"));
    assert!(person.is_signed_in().await, "the caller's own session is kept");
}

#[tokio::test]
async fn keys_of_different_users_are_independent() {
    let server = TestServer::start().await;
    let (ada, grace) = (server.person("responder").await.client, server.person("responder").await.client);
    let body = json!({"title": "t"});
    let first = ada.post_once(INCIDENTS, "key", body.clone()).await;
    let second = grace.post_once(INCIDENTS, "key", body.clone()).await;
    assert_eq!((second.status.as_u16(), second.is_replayed()), (201, false));
    assert_ne!(first.header("location"), second.header("location"));
    let third = server.person("responder").await.client.post_once(INCIDENTS, "key", json!({"title": "other"})).await;
    assert_eq!(
        (third.status.as_u16(), third.is_replayed()),
        (201, false),
        "and the response does not reveal that another user used it"
    );
    for (client, done) in [(&ada, &first), (&grace, &second)] {
        let again = client.post_once(INCIDENTS, "key", body.clone()).await;
        assert_eq!((again.replayable_parts(), again.is_replayed()), (done.replayable_parts(), true));
    }
    assert_eq!(ada.get(INCIDENTS).await.body["total"], 3);
}

#[tokio::test]
async fn a_response_in_a_session_is_not_replayed_to_an_api_token() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let (stolen, _) = person.api_token("admin").await;
    let new = json!({"name": "deploy", "role": "admin"});
    let created = person.client.post_once(API_TOKENS, "key", new.clone()).await;
    let secret = created.text_of("token");
    let refused = stolen.post_once(API_TOKENS, "key", new.clone()).await;
    assert_eq!(refused.code(), (422, "idempotency_key_reused"));
    assert!(!refused.text.contains(&secret));
    let other_session = person.sign_in_again(&server).await.client.post_once(API_TOKENS, "key", new).await;
    assert_eq!(
        (other_session.text_of("token"), other_session.is_replayed()),
        (secret, true),
        "another session belongs to the same user"
    );

    let opened = stolen.post_once(INCIDENTS, "token's key", json!({"title": "t"})).await;
    assert_eq!(opened.status, 201);
    let other_token = person.api_token("responder").await.0;
    let again = other_token.post_once(INCIDENTS, "token's key", json!({"title": "t"})).await;
    assert_eq!((again.replayable_parts(), again.is_replayed()), (opened.replayable_parts(), true));
    let by_session = person.client.post_once(INCIDENTS, "token's key", json!({"title": "t"})).await;
    assert_eq!(by_session.code(), (422, "idempotency_key_reused"), "nor the other way round");
}
