//! Failures that no well-behaved server shows: panics, and stores that break.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    Role,
    ports::{HealthCheck, HealthError, MockSessionRepository, StoreError},
};
use reqwest::Method;

use crate::scene::{Client, Scene};

/// A database that makes whoever asks for it panic.
struct Panicking;

#[async_trait]
impl HealthCheck for Panicking {
    async fn check(&self) -> Result<(), HealthError> {
        panic!("SELECT secret FROM somewhere");
    }
}

/// Somebody signed in to a server whose database check panics, and whose sessions cannot be read.
async fn start() -> Client {
    let mut scene = Scene::new();
    scene.user("ada@example.org", Role::Viewer).await;
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find().returning(|_| Err(StoreError::unavailable("password=hunter2 rejected")));
    scene.auth.sessions = Arc::new(sessions);
    scene.database = Arc::new(Panicking);
    let (client, _) = scene.start().sign_in("ada@example.org").await;
    client.with("X-Request-Id", "r-1")
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_and_the_server_goes_on() {
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
async fn a_store_that_breaks_is_a_503_that_does_not_say_why() {
    let answer = start().await.get("/users/me").await;
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"));
    assert_eq!((answer.header("x-request-id"), answer.header("retry-after")), ("r-1", "1"));
    insta::assert_json_snapshot!("store_away", answer.body);
}
