//! Actors and origins of actions.

use reqwest::Method;
use serde_json::json;

use super::actions;
use crate::support::{Client, TestServer, send};

#[tokio::test]
async fn an_action_contains_its_actor_and_origin() {
    let server = TestServer::start().await;
    let responder = server.person("responder").await;
    let opened = responder.client.post("/api/v1/incidents", json!({"title": "t"})).await;
    let target = format!("incident:{}", opened.text_of("id"));
    let found = actions(server.root().await, &format!("target={target}")).await;
    let [action] = found.as_slice() else { panic!("one action: {found:#?}") };
    assert_eq!(action["actor"], json!({"kind": "user", "reference": responder.id}));
    assert_eq!((&action["kind"], &action["outcome"]), (&json!("incident.open"), &json!("done")));
    assert_eq!((&action["session_id"], &action["ip"]), (&json!(responder.session_id), &json!("127.0.0.1")));
    assert_eq!(action["request_id"], opened.header("x-request-id"));
    assert!(action["refused_because"].is_null() && action["api_token_id"].is_null(), "{action}");
}

#[tokio::test]
async fn an_action_by_an_api_token_contains_the_token_and_no_session() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let (machine, token_id) = person.api_token("responder").await;
    for (answer, kind) in [
        (machine.post("/api/v1/incidents", json!({"title": "t"})).await, "incident.open"),
        (machine.post("/api/v1/auth/logout", json!({})).await, "session.revoke"),
    ] {
        let found = actions(server.root().await, &format!("kind={kind}&actor={}", person.id)).await;
        let [action] = found.as_slice() else { panic!("one action: {found:#?}") };
        assert_eq!((&action["api_token_id"], &action["session_id"]), (&json!(token_id), &json!(null)), "{action}");
        assert_eq!(action["request_id"], answer.header("x-request-id"));
        assert_eq!(action["outcome"], if answer.status.is_success() { "done" } else { "refused" });
    }
}

#[tokio::test]
async fn an_action_contains_the_address_from_trusted_proxies_and_the_request_id() {
    let server = TestServer::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (person, viewer) = (server.person("responder").await, server.person("viewer").await);
    let open = |client: &Client| {
        let request = client.request(Method::POST, "/api/v1/incidents").header("X-Forwarded-For", "203.0.113.9");
        send(request.header("X-Request-Id", "deploy-77").json(&json!({"title": "t"})))
    };
    assert_eq!(open(&person.client).await.status, 201);
    assert_eq!(open(&viewer.client).await.status, 403);
    for person in [&person, &viewer] {
        let found = actions(server.root().await, &format!("kind=incident.open&actor={}", person.id)).await;
        let [action] = found.as_slice() else { panic!("one action: {found:#?}") };
        assert_eq!((&action["ip"], &action["request_id"]), (&json!("203.0.113.9"), &json!("deploy-77")));
        assert_eq!(action["session_id"], person.session_id);
    }
}
