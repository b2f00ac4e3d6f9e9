//! Load on servers: each connection sends its next request as soon as it has the response to the one before.

mod attempts;
mod latencies;
mod sequential;
mod simultaneous;
mod worker;

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Connection;

pub(crate) use attempts::{Attempt, Attempts, RESPONSE_TIME_MAX, attempt, send_without_pause, sum_of};
pub(crate) use latencies::{Latencies, median};
pub(crate) use sequential::send_sequentially;
pub(crate) use simultaneous::SimultaneousSender;
pub(crate) use worker::{FRESH_KEY, Load, Worker};

/// How long the last responses may take after a window has closed.
const DRAIN_TIME_MAX: Duration = Duration::from_mins(1);

/// Connects the workers, runs them until the window closes, and waits for the last responses. Each window has its own
/// connections, because the server closes those that are idle between two windows.
pub(crate) async fn drive(workers: &[Worker], window: Duration) -> anyhow::Result<Load> {
    let mut connected = Vec::with_capacity(workers.len());
    for worker in workers {
        connected.push((worker.clone(), Connection::open(worker.address).await?));
    }
    let until = Instant::now() + window;
    let running: JoinSet<_> = connected.into_iter().map(|(worker, connection)| worker.run(connection, until)).collect();
    let loads = tokio::time::timeout(window + DRAIN_TIME_MAX, running.join_all()).await;
    sum(loads.context("responses did not come in time")?)
}

/// Does the same on several threads, for servers that are faster than one thread.
pub(crate) async fn drive_on(threads: NonZeroUsize, workers: &[Worker], window: Duration) -> anyhow::Result<Load> {
    if threads.get() == 1 {
        return drive(workers, window).await;
    }
    let mut running = JoinSet::new();
    for part in workers.chunks(workers.len().div_ceil(threads.get()).max(1)) {
        let part = part.to_vec();
        running.spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(drive(&part, window))
        });
    }
    sum(running.join_all().await)
}

fn sum(loads: Vec<anyhow::Result<Load>>) -> anyhow::Result<Load> {
    let mut all = Load::default();
    for load in loads {
        all.add(&load?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Starts a server that sends this response to everything.
    async fn server_with(response: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {
                        stream.write_all(response.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        address
    }

    async fn workers(response: &'static str) -> Vec<Worker> {
        Worker::many(server_with(response).await, 3, vec![b"GET / HTTP/1.1\r\n\r\n".to_vec()], &[200])
    }

    #[tokio::test]
    async fn every_response_of_the_window_is_counted() {
        let workers = workers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let load = drive(&workers, Duration::from_millis(50)).await.unwrap();
        assert!(load.count(200) > 0);
        // The last response of each worker may come after the window has closed.
        let sent = load.latencies.count();
        assert!((load.count(200)..=load.count(200) + 3).contains(&sent), "{sent} sent, {load:?}");
        assert!(load.latencies.p99_ms() > 0.0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_threads_run_all_workers() {
        let workers = workers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let load = drive_on(NonZeroUsize::new(2).unwrap(), &workers, Duration::from_millis(50)).await.unwrap();
        assert!(load.total() > 0 && load.total() == load.count(200), "{load:?}");
        assert!(load.latencies.count() >= load.total());
    }

    #[tokio::test]
    async fn an_unexpected_status_ends_the_run() {
        let workers = workers("HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nwhy?").await;
        let error = drive(&workers, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "the response is 401: why?");
    }
}
