//! Failures: handlers that panic, and stores that are unavailable.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    identity::MockSessionRepository,
    kernel::{HealthCheck, HealthError, Role, StoreError},
};
use reqwest::Method;

use crate::scene::{Client, Scene};

/// A health check that panics.
struct Panicking;

#[async_trait]
impl HealthCheck for Panicking {
    async fn check(&self) -> Result<(), HealthError> {
        panic!("SELECT secret FROM somewhere");
    }
}

/// A signed-in client of a server whose database check panics and whose sessions cannot be read.
async fn start() -> Client {
    let mut scene = Scene::new();
    scene.user("ada@example.org", Role::Viewer).await;
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find_with_user().returning(|_| Err(StoreError::unavailable("password=hunter2 rejected")));
    scene.auth.sessions = Arc::new(sessions);
    scene.database = Arc::new(Panicking);
    let (client, _) = scene.start().sign_in("ada@example.org").await;
    client.with("X-Request-Id", "r-1")
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_message_and_the_server_keeps_running() {
    let client = start().await;
    for _ in 0..3 {
        let answer = client.send(Method::GET, "/health/db", None).await;
        assert_eq!((answer.status, answer.header("content-type")), (500, "application/problem+json"));
        assert_eq!(answer.header("x-request-id"), "r-1");
        insta::assert_json_snapshot!("panic", answer.body);
    }
    assert_eq!(client.send(Method::GET, "/health/ready", None).await.status, 200);
}

#[tokio::test]
async fn an_unavailable_store_is_a_503_without_its_cause() {
    let answer = start().await.get("/users/me").await;
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"));
    assert_eq!((answer.header("x-request-id"), answer.header("retry-after")), ("r-1", "1"));
    insta::assert_json_snapshot!("store_away", answer.body);
}
