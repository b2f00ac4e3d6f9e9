//! More than the server can handle: connections that send without a pause, and bursts of connections for one request
//! each.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    client::Connection,
    load::{Attempt, Attempts, attempt, send_without_pause, sum_of},
};

/// How many connections are opened in a burst.
const BURST_CONNECTIONS: usize = 64;

/// Between two bursts, unless the first takes longer.
const BURST_INTERVAL: Duration = Duration::from_millis(250);

pub(super) async fn run(
    address: SocketAddr,
    request: Vec<u8>,
    connections: u16,
    window: Duration,
) -> anyhow::Result<Attempts> {
    let requests: Arc<[Vec<u8>]> = vec![request].into();
    let until = Instant::now() + window;
    let mut senders = JoinSet::new();
    for connection in Connection::open_many(&[address], connections.into()).await? {
        senders.spawn(send_without_pause(connection, Arc::clone(&requests), until));
    }
    senders.spawn(send_bursts(address, requests, until));
    Ok(sum_of(senders).await)
}

async fn send_bursts(address: SocketAddr, requests: Arc<[Vec<u8>]>, until: Instant) -> Attempts {
    let mut attempts = Attempts::default();
    let mut ticks = interval(BURST_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        ticks.tick().await;
        let burst: JoinSet<_> = (0..BURST_CONNECTIONS).map(|_| send_once(address, Arc::clone(&requests))).collect();
        burst.join_all().await.iter().for_each(|sent| attempts.record(sent));
    }
    attempts
}

/// Opens a connection for one request.
async fn send_once(address: SocketAddr, requests: Arc<[Vec<u8>]>) -> Attempt {
    let since = Instant::now();
    match Connection::open(address).await {
        Ok(connection) => attempt(connection, &requests[0], since).await,
        Err(_) => Attempt::without_connection(),
    }
}
