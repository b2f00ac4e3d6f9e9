//! More than the server can do: connections that send without a pause, and others that come, send one request and go.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::answered::{Answered, opening};
use crate::client::Connection;

/// How many short-lived connections come at once.
const BURST_CONNECTIONS: usize = 64;

/// How often they come, unless those before are still there.
const BURST_EVERY: Duration = Duration::from_millis(250);

pub(super) async fn load(
    address: SocketAddr,
    token: &str,
    connections: u16,
    window: Duration,
) -> anyhow::Result<Answered> {
    let request: Arc<[u8]> = opening(token).into();
    let until = Instant::now() + window;
    let mut driving = JoinSet::new();
    for connection in Connection::open_many(&[address], connections.into()).await? {
        driving.spawn(send_without_pause(connection, address, Arc::clone(&request), until));
    }
    driving.spawn(burst_again_and_again(address, request, until));
    let mut all = Answered::default();
    while let Some(joined) = driving.join_next().await {
        all.add(joined.context("a connection's task panicked")?);
    }
    Ok(all)
}

async fn send_without_pause(
    connection: Connection,
    address: SocketAddr,
    request: Arc<[u8]>,
    until: Instant,
) -> Answered {
    let mut answered = Answered::default();
    let mut connection = Some(connection);
    while let Some(open) = connection.take()
        && Instant::now() < until
    {
        connection = answered.open(open, address, &request, Instant::now()).await;
    }
    answered
}

async fn burst_again_and_again(address: SocketAddr, request: Arc<[u8]>, until: Instant) -> Answered {
    let mut answered = Answered::default();
    let mut ticks = interval(BURST_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        ticks.tick().await;
        let mut burst: JoinSet<_> =
            (0..BURST_CONNECTIONS).map(|_| come_and_go(address, Arc::clone(&request))).collect();
        while let Some(joined) = burst.join_next().await {
            // A task that panicked has told so already, and left nothing to count.
            answered.add(joined.unwrap_or_default());
        }
    }
    answered
}

async fn come_and_go(address: SocketAddr, request: Arc<[u8]>) -> Answered {
    let mut answered = Answered::default();
    let from = Instant::now();
    match Connection::open(address).await {
        Ok(connection) => drop(answered.open(connection, address, &request, from).await),
        Err(_) => answered.broken += 1,
    }
    answered
}
