//! Load without a pause: each connection sends its next request as soon as it has its answer.

mod in_turn;
mod lane;
mod latencies;
mod volley;

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Connection;

pub(crate) use in_turn::in_turn;
pub(crate) use lane::{FRESH_KEY, Lane, Load};
pub(crate) use latencies::{Latencies, median};
pub(crate) use volley::Volley;

/// How long the last answers may take after a window has closed.
const DRAIN_TIME_MAX: Duration = Duration::from_mins(1);

/// Connects the lanes, drives them for as long as the window is open, and waits for the last answers. Each window
/// has connections of its own: the server closes those that are idle between two windows.
pub(crate) async fn drive(lanes: &[Lane], window: Duration) -> anyhow::Result<Load> {
    let mut connected = Vec::with_capacity(lanes.len());
    for lane in lanes {
        connected.push((lane.clone(), Connection::open(lane.address).await?));
    }
    let until = Instant::now() + window;
    let driving = connected.into_iter().map(|(lane, connection)| lane.drive(connection, until));
    let mut driving: JoinSet<_> = driving.collect();
    let mut load = Load::default();
    let all = async {
        while let Some(joined) = driving.join_next().await {
            load.add(joined.context("a lane panicked")??);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(window + DRAIN_TIME_MAX, all).await.context("answers did not come in time")??;
    Ok(load)
}

/// The same from several threads: one alone may be slower than what it is to measure.
pub(crate) async fn drive_from(threads: NonZeroUsize, lanes: &[Lane], window: Duration) -> anyhow::Result<Load> {
    if threads.get() == 1 {
        return drive(lanes, window).await;
    }
    let mut driving = JoinSet::new();
    for part in lanes.chunks(lanes.len().div_ceil(threads.get()).max(1)) {
        let part = part.to_vec();
        driving.spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(drive(&part, window))
        });
    }
    let mut load = Load::default();
    while let Some(joined) = driving.join_next().await {
        load.add(joined.context("a thread that drives lanes panicked")??);
    }
    Ok(load)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server on which every connection gets this answer to everything.
    async fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        address
    }

    async fn lanes(answer: &'static str) -> Vec<Lane> {
        Lane::many(answering(answer).await, 3, vec![b"GET / HTTP/1.1\r\n\r\n".to_vec()], &[200])
    }

    #[tokio::test]
    async fn every_answer_of_the_window_is_counted() {
        let lanes = lanes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let load = drive(&lanes, Duration::from_millis(50)).await.unwrap();
        assert!(load.count(200) > 0);
        // The last request of each lane may be answered after the window has closed.
        let sent = load.latencies.count();
        assert!((load.count(200)..=load.count(200) + 3).contains(&sent), "{sent} sent, {load:?}");
        assert!(load.latencies.percentile_us(0.99) > 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_threads_drive_all_lanes() {
        let lanes = lanes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let load = drive_from(NonZeroUsize::new(2).unwrap(), &lanes, Duration::from_millis(50)).await.unwrap();
        assert!(load.total() > 0 && load.total() == load.count(200), "{load:?}");
        assert!(load.latencies.count() >= load.total());
    }

    #[tokio::test]
    async fn an_unexpected_answer_ends_the_run() {
        let lanes = lanes("HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nwhy?").await;
        let error = drive(&lanes, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer is 401: why?");
    }
}
