//! The load of a single client.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::time::timeout;

use super::Latencies;
use crate::client::Connection;

/// The longest time of one response.
const RESPONSE_TIME_MAX: Duration = Duration::from_mins(2);

/// Sends one request after the other on one connection. Fails at the first response with another status.
pub(crate) async fn send_sequentially(
    address: SocketAddr,
    requests: impl IntoIterator<Item = impl AsRef<[u8]>>,
    expected: u16,
) -> anyhow::Result<Latencies> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Latencies::default();
    for request in requests {
        let sent = Instant::now();
        let response = timeout(RESPONSE_TIME_MAX, connection.exchange(request.as_ref())).await;
        let response = response.context("a single client had no response in time")??;
        latencies.record(sent.elapsed());
        anyhow::ensure!(response.status() == expected, "the response is {}: {}", response.status(), response.text());
    }
    Ok(latencies)
}
