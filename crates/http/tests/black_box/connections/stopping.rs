//! What a stopping server waits for.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError, StoreError};
use tokio::{io::AsyncWriteExt, sync::Notify, task::JoinHandle, time::timeout};

use super::{LIVE, PATIENCE, parts, read_all, send};
use crate::scene::Scene;

/// A check that notifies when it has begun, and waits until it may end.
struct Slow {
    has_begun: Arc<Notify>,
    may_end: Arc<Notify>,
}

#[async_trait]
impl HealthCheck for Slow {
    async fn check(&self) -> Result<(), HealthError> {
        self.has_begun.notify_one();
        self.may_end.notified().await;
        Ok(())
    }
}

/// A server that would wait an hour for requests.
fn patient() -> Scene {
    let mut scene = Scene::new();
    scene.settings.stop_timeout = Duration::from_hours(1);
    scene.settings.request_timeout = Duration::from_hours(1);
    scene.settings.connection_timeouts.arrival_at_stop = Duration::from_millis(50);
    scene
}

#[tokio::test]
async fn requests_that_have_not_arrived_and_idle_connections_do_not_delay_a_stop() {
    let mut scene = patient();
    for limit in [
        &mut scene.settings.connection_timeouts.request_head,
        &mut scene.settings.connection_timeouts.body_progress,
        &mut scene.settings.connection_timeouts.write_progress,
    ] {
        *limit = Duration::from_hours(1);
    }
    let (client, handle, running) = scene.start_server();
    let body =
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let mut open = Vec::new();
    for begun in ["", "GET /health/live HT", LIVE, body] {
        open.push(send(&client, begun).await);
    }
    // This client reads nothing of many responses.
    let mut deaf = send(&client, "").await;
    let requests = "GET /api/openapi.json HTTP/1.1\r\nHost: h\r\n\r\n".repeat(100);
    let _ =
        timeout(Duration::from_millis(200), async { while deaf.write_all(requests.as_bytes()).await.is_ok() {} }).await;
    handle.stop();
    timeout(PATIENCE, running).await.expect("a stop in time").expect("no panic").expect("stopped");
}

#[tokio::test]
async fn a_request_that_is_worked_on_is_finished() {
    let (has_begun, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut scene = patient();
    scene.database = Arc::new(Slow { has_begun: has_begun.clone(), may_end: may_end.clone() });
    let (client, handle, running) = scene.start_server();
    let stream = send(&client, "GET /health/db HTTP/1.1\r\nHost: h\r\n\r\n").await;
    has_begun.notified().await;
    handle.stop();
    // Longer than the server waits for requests that have not arrived.
    tokio::time::sleep(Duration::from_millis(150)).await;
    may_end.notify_one();
    let answer = read_all(stream).await;
    assert_eq!(parts(&answer).0, 200, "{answer}");
    assert!(parts(&answer).1.contains("\r\nconnection: close"), "{answer}");
    timeout(PATIENCE, running).await.expect("a stop in time").expect("no panic").expect("stopped");
}

/// A check that uses in its second call what belongs to the event loop of its first, like a connection to a database.
#[derive(Default)]
struct Pooled {
    connection: Mutex<Option<JoinHandle<()>>>,
    is_used: Arc<Notify>,
    has_begun: Arc<Notify>,
    may_end: Arc<Notify>,
}

#[async_trait]
impl HealthCheck for Pooled {
    async fn check(&self) -> Result<(), HealthError> {
        let connection = self.connection.lock().expect("no panic").take();
        let Some(connection) = connection else {
            let is_used = self.is_used.clone();
            let connection = tokio::spawn(async move { is_used.notified().await });
            *self.connection.lock().expect("no panic") = Some(connection);
            return Ok(());
        };
        self.has_begun.notify_one();
        self.may_end.notified().await;
        self.is_used.notify_one();
        connection.await.map_err(|error| StoreError::unavailable(error).into())
    }
}

#[tokio::test]
async fn a_request_is_finished_with_what_belongs_to_another_thread() {
    let pooled = Arc::new(Pooled::default());
    let mut scene = patient();
    scene.settings.workers = 2;
    scene.database = pooled.clone();
    let (client, handle, running) = scene.start_server();
    let request = "GET /health/db HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let first = read_all(send(&client, request).await).await;
    assert_eq!(parts(&first).0, 200, "{first}");
    let second = send(&client, request).await;
    pooled.has_begun.notified().await;
    handle.stop();
    // Time for the first thread, which has no connection, to end.
    tokio::time::sleep(Duration::from_millis(200)).await;
    pooled.may_end.notify_one();
    let second = read_all(second).await;
    assert_eq!(parts(&second).0, 200, "{second}");
    timeout(PATIENCE, running).await.expect("a stop in time").expect("no panic").expect("stopped");
}
