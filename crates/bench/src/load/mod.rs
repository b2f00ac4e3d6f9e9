//! Load without a pause: each connection sends its next request as soon as it has its answer.

mod latencies;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Connection;

pub(crate) use latencies::{Latencies, median};

/// How long the last answers may take after a window has closed.
const DRAIN_TIME_MAX: Duration = Duration::from_mins(1);

/// A connection and what it sends, in turn.
#[derive(Debug)]
pub(crate) struct Lane {
    connection: Connection,
    requests: Arc<[Vec<u8>]>,
    next: usize,
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
    /// A lane for every connection; each begins with another of the requests.
    pub(crate) fn all(connections: Vec<Connection>, requests: Vec<Vec<u8>>, expected: &'static [u16]) -> Vec<Self> {
        let requests: Arc<[Vec<u8>]> = requests.into();
        let lane = |(next, connection)| Self { connection, requests: Arc::clone(&requests), next, expected };
        connections.into_iter().enumerate().map(lane).collect()
    }

    async fn drive(mut self, until: Instant) -> anyhow::Result<(Self, Load)> {
        let mut load = Load::default();
        loop {
            let sent = Instant::now();
            if sent >= until {
                return Ok((self, load));
            }
            let request = &self.requests[self.next % self.requests.len()];
            self.next += 1;
            let answer = self.connection.exchange(request).await?;
            let answered = Instant::now();
            let status = answer.status();
            anyhow::ensure!(self.expected.contains(&status), "the answer is {status}: {}", answer.text());
            load.latencies.record(answered - sent);
            if answered <= until {
                *load.answered.entry(status).or_default() += 1;
            }
        }
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

/// Drives the lanes for as long as the window is open, waits for the last answers, and gives the lanes back.
pub(crate) async fn drive(lanes: Vec<Lane>, window: Duration) -> anyhow::Result<(Vec<Lane>, Load)> {
    let until = Instant::now() + window;
    let mut driving: JoinSet<_> = lanes.into_iter().map(|lane| lane.drive(until)).collect();
    let mut driven = Vec::with_capacity(driving.len());
    let mut load = Load::default();
    let all = async {
        while let Some(joined) = driving.join_next().await {
            let (lane, of_lane) = joined.context("a lane panicked")??;
            driven.push(lane);
            load.add(of_lane);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(window + DRAIN_TIME_MAX, all).await.context("answers did not come in time")??;
    Ok((driven, load))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server on which every connection gets this answer to everything.
    async fn answering(answer: &'static str) -> std::net::SocketAddr {
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
        let address = answering(answer).await;
        let connections = Connection::open_many(&[address], 3).await.unwrap();
        Lane::all(connections, vec![b"GET / HTTP/1.1\r\n\r\n".to_vec()], &[200])
    }

    #[tokio::test]
    async fn every_answer_of_the_window_is_counted_and_the_lanes_come_back() {
        let lanes = lanes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let (lanes, mut load) = drive(lanes, Duration::from_millis(50)).await.unwrap();
        assert_eq!(lanes.len(), 3);
        assert!(load.count(200) > 0);
        // The last request of each lane may be answered after the window has closed.
        let sent = load.latencies.count();
        assert!((load.count(200)..=load.count(200) + 3).contains(&sent), "{sent} sent, {load:?}");
        assert!(load.latencies.percentile_us(0.99) > 0);
    }

    #[tokio::test]
    async fn an_unexpected_answer_ends_the_run() {
        let lanes = lanes("HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nwhy?").await;
        let error = drive(lanes, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer is 401: why?");
    }
}
