//! Load without a pause: each connection sends its next request as soon as it has its answer.

mod in_turn;
mod latencies;
mod volley;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Connection;

pub(crate) use in_turn::in_turn;
pub(crate) use latencies::{Latencies, median};
pub(crate) use volley::Volley;

/// How long the last answers may take after a window has closed.
const DRAIN_TIME_MAX: Duration = Duration::from_mins(1);

/// A connection to be opened, and what it sends, in turn.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    /// Any other answer ends the run: whatever was measured, it was not what was meant.
    expected: &'static [u16],
}

/// What a window of load was like.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Of every request that was sent within the window.
    pub(crate) latencies: Latencies,
    /// How many requests were answered within the window, by status.
    pub(crate) answered: BTreeMap<u16, u64>,
}

impl Lane {
    /// So many lanes to a server; each begins with another of the requests.
    pub(crate) fn many(
        address: SocketAddr,
        count: usize,
        requests: Vec<Vec<u8>>,
        expected: &'static [u16],
    ) -> Vec<Self> {
        let requests: Arc<[Vec<u8>]> = requests.into();
        (0..count).map(|first| Self { address, requests: Arc::clone(&requests), first, expected }).collect()
    }

    async fn drive(self, mut connection: Connection, until: Instant) -> anyhow::Result<Load> {
        let mut load = Load::default();
        for request in self.requests.iter().cycle().skip(self.first % self.requests.len()) {
            let sent = Instant::now();
            if sent >= until {
                break;
            }
            let answer = connection.exchange(request).await?;
            let answered = Instant::now();
            let status = answer.status();
            anyhow::ensure!(self.expected.contains(&status), "the answer is {status}: {}", answer.text());
            load.latencies.record(answered - sent);
            if answered <= until {
                *load.answered.entry(status).or_default() += 1;
            }
        }
        Ok(load)
    }
}

impl Load {
    /// How many requests were answered within the window with this status.
    pub(crate) fn count(&self, status: u16) -> u64 {
        self.answered.get(&status).copied().unwrap_or_default()
    }

    fn add(&mut self, other: Self) {
        self.latencies.add(other.latencies);
        for (status, count) in other.answered {
            *self.answered.entry(status).or_default() += count;
        }
    }
}

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

#[cfg(test)]
mod tests {
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
        let mut load = drive(&lanes, Duration::from_millis(50)).await.unwrap();
        assert!(load.count(200) > 0);
        // The last request of each lane may be answered after the window has closed.
        let sent = load.latencies.count();
        assert!((load.count(200)..=load.count(200) + 3).contains(&sent), "{sent} sent, {load:?}");
        assert!(load.latencies.percentile_us(0.99) > 0);
    }

    #[tokio::test]
    async fn an_unexpected_answer_ends_the_run() {
        let lanes = lanes("HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nwhy?").await;
        let error = drive(&lanes, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer is 401: why?");
    }
}
