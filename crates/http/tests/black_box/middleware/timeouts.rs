//! Handlers that do not respond, and clients that do not send.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError, Role};
use reqwest::Method;

use super::send_raw;
use crate::scene::Scene;

/// A check that never ends, and records that it was dropped.
struct Endless(Arc<AtomicBool>);

struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl HealthCheck for Endless {
    async fn check(&self) -> Result<(), HealthError> {
        let _dropped = Dropped(self.0.clone());
        std::future::pending().await
    }
}

fn with_short_timeout() -> Scene {
    let mut scene = Scene::new();
    scene.settings.request_timeout = Duration::from_millis(100);
    scene
}

#[tokio::test]
async fn a_slow_handler_is_a_503_and_is_dropped() {
    let (mut scene, is_dropped) = (with_short_timeout(), Arc::default());
    scene.database = Arc::new(Endless(Arc::clone(&is_dropped)));
    let client = scene.start();
    let answer = client.send(Method::GET, "/health/db", None).await;
    assert_eq!(answer.code(), (503, "timed_out"));
    assert_eq!((answer.header("content-type"), answer.header("retry-after")), ("application/problem+json", "1"));
    assert_ne!(answer.header("x-request-id"), "");
    assert!(is_dropped.load(Ordering::SeqCst), "the handler still runs");
    assert_eq!(client.send(Method::GET, "/health/live", None).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408_and_closes_the_connection() {
    let scene = with_short_timeout();
    scene.user("ada@example.org", Role::Responder).await;
    let (client, tokens) = scene.start().sign_in("ada@example.org").await;
    let token = tokens["access_token"].as_str().expect("a token");
    let signed_in = format!("Authorization: Bearer {token}\r\n");
    for (path, headers) in [
        ("/api/v1/auth/login", String::new()),
        ("/api/v1/incidents", signed_in.clone()),
        // With a key, the body is read before the handler runs.
        ("/api/v1/incidents", signed_in + "Idempotency-Key: k\r\n"),
    ] {
        let half = format!(
            "POST {path} HTTP/1.1\r\nHost: h\r\n{headers}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        );
        let answer = String::from_utf8(send_raw(&client, &half).await).expect("text");
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{path}: {answer}");
        assert!(answer.contains(r#""code":"request_timeout""#), "{path}: {answer}");
    }
}
