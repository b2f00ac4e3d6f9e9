//! A single client.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::time::timeout;

use super::Latencies;
use crate::client::Connection;

/// No single answer takes longer.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(2);

/// Sends one request after the other on one connection, and tells how long each took. Any other status ends the run.
pub(crate) async fn in_turn(
    address: SocketAddr,
    requests: impl IntoIterator<Item = Vec<u8>>,
    expected: u16,
) -> anyhow::Result<Latencies> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Latencies::default();
    for request in requests {
        let sent = Instant::now();
        let answer = timeout(ANSWER_TIME_MAX, connection.exchange(&request)).await;
        let answer = answer.context("a single client was not answered in time")??;
        latencies.record(sent.elapsed());
        anyhow::ensure!(answer.status() == expected, "the answer is {}: {}", answer.status(), answer.text());
    }
    Ok(latencies)
}
