//! Security and caching headers.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError, Role};
use reqwest::Method;
use serde_json::json;

use crate::scene::{PASSWORD, Scene};

struct Panicking;

#[async_trait]
impl HealthCheck for Panicking {
    async fn check(&self) -> Result<(), HealthError> {
        panic!("broken");
    }
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let mut scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    scene.database = Arc::new(Panicking);
    let (client, _) = scene.start().sign_in("ada@example.org").await;
    let opened = client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    let path = format!("/incidents/{}", opened.body["number"].as_str().expect("a number"));
    let conditional = client.with("If-None-Match", opened.header("etag"));
    for (answer, status) in [
        (client.send(Method::GET, "/health/live", None).await, 200),
        (client.send(Method::HEAD, "/health/live", None).await, 200),
        (opened, 201),
        (conditional.get(&path).await, 304),
        (client.get("/nowhere").await, 404),
        (client.delete("/users/me").await, 405),
        (client.post("/incidents", json!({})).await, 422),
        (client.send(Method::GET, "/health/db", None).await, 500),
    ] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{status}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{status}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{status}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{status}");
        // A server without TLS must not send it.
        assert_eq!(answer.header("strict-transport-security"), "", "{status}");
    }
}

#[tokio::test]
async fn responses_with_an_entity_tag_are_revalidated_and_others_not_stored() {
    let scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    let anonymous = scene.start();
    let signed_in = anonymous.post("/auth/login", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    assert_eq!((signed_in.status, signed_in.header("cache-control")), (200, "no-store"));
    let client = anonymous.with_token(&signed_in.body["access_token"]);
    let opened = client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    let path = format!("/incidents/{}", opened.body["number"].as_str().expect("a number"));
    let conditional = client.with("If-None-Match", opened.header("etag"));
    for (answer, status) in [(client.get(&path).await, 200), (conditional.get(&path).await, 304)] {
        assert_eq!((answer.status, answer.header("cache-control")), (status, "private, no-cache"));
        assert_eq!(answer.header("etag"), opened.header("etag"));
    }
    for (answer, status) in [(client.get("/incidents").await, 200), (client.get("/incidents/INC-99").await, 404)] {
        assert_eq!((answer.status, answer.header("cache-control")), (status, "no-store"));
    }
}
