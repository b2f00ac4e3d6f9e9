//! Clients that hold connections.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    time::timeout,
};

use super::{LAST_LIVE, PATIENCE, connect, parts, read_all, send};
use crate::scene::Scene;

/// A check that never ends, and notifies when it has begun.
struct Endless(Arc<Notify>);

#[async_trait]
impl HealthCheck for Endless {
    async fn check(&self) -> Result<(), HealthError> {
        self.0.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_disconnected() {
    let mut scene = Scene::new();
    scene.settings.connection_timeouts.write_progress = Duration::from_millis(50);
    let client = scene.start();
    let mut stream = connect(&client).await;
    let request = "GET /api/openapi.json HTTP/1.1\r\nHost: h\r\n\r\n".repeat(100);
    // The server stops to read when it cannot write, and then gives up.
    let write = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(PATIENCE, write).await.expect("the server ends the connection");
}

#[tokio::test]
async fn a_slow_client_that_reads_gets_all() {
    let mut scene = Scene::new();
    scene.settings.connection_timeouts.write_progress = Duration::from_secs(1);
    let client = scene.start();
    let requests = "GET /api/openapi.json HTTP/1.1\r\nHost: h\r\n\r\n".repeat(50);
    let mut stream = send(&client, &(requests + LAST_LIVE)).await;
    let (mut answer, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    while let read @ 1.. = stream.read(&mut buffer).await.expect("no reset") {
        answer.extend_from_slice(&buffer[..read]);
        tokio::task::yield_now().await;
    }
    assert_eq!(String::from_utf8_lossy(&answer).matches("HTTP/1.1 200 OK").count(), 51);
}

#[tokio::test]
async fn slow_heads_make_room_for_others() {
    let mut scene = Scene::new();
    scene.settings.connection_limits.connections_max = 40;
    scene.settings.connection_timeouts.untouched = Duration::ZERO;
    let client = scene.start();
    let mut slow = Vec::new();
    for _ in 0..400 {
        slow.push(send(&client, "GET /health/live HTTP/1.1\r\nHost").await);
    }
    assert_eq!(parts(&read_all(send(&client, LAST_LIVE).await).await).0, 200);
    // The oldest one has made room.
    let mut rest = Vec::new();
    let ended = timeout(PATIENCE, slow[0].read_to_end(&mut rest)).await;
    assert!(ended.is_ok() && rest.is_empty(), "{ended:?} {rest:?}");
}

#[tokio::test]
async fn connections_in_use_make_no_room_and_others_are_refused() {
    let mut scene = Scene::new();
    let is_checked = Arc::new(Notify::new());
    scene.database = Arc::new(Endless(is_checked.clone()));
    scene.settings.connection_limits.connections_per_address_max = 1;
    scene.settings.connection_timeouts.untouched = Duration::ZERO;
    let client = scene.start();
    let working = send(&client, "GET /health/db HTTP/1.1\r\nHost: h\r\n\r\n").await;
    is_checked.notified().await;
    let mut refused = connect(&client).await;
    let mut answer = Vec::new();
    // It is closed, with or without a reset.
    let _ = timeout(PATIENCE, refused.read_to_end(&mut answer)).await.expect("closed");
    assert!(answer.is_empty());
    drop(working);
}

#[tokio::test]
async fn trusted_proxies_may_have_any_number_of_connections() {
    let mut scene = Scene::new();
    scene.settings.connection_limits.connections_per_address_max = 1;
    scene.trusted_proxies = "127.0.0.0/8".parse().expect("a network");
    let client = scene.start();
    let mut idle = Vec::new();
    for _ in 0..10 {
        idle.push(send(&client, "").await);
    }
    assert_eq!(client.send(Method::GET, "/health/live", None).await.status, 200);
}
