//! Other clients that read lists and health checks during a load.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{
    client::{Connection, Request},
    load::{Attempts, attempt},
};

/// What responders read.
pub(super) const LIST: &str = "/api/v1/incidents?page_size=50&cursor=";

/// What an orchestrator reads.
const HEALTH: &str = "/health/ready";

/// Between two requests.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs a load while one client reads lists and another reads the server's health.
pub(super) async fn while_watched(
    address: SocketAddr,
    token: &str,
    load: impl Future<Output = anyhow::Result<Attempts>>,
) -> anyhow::Result<(Attempts, Attempts, Attempts)> {
    let is_over = Arc::new(AtomicBool::new(false));
    let watch = |path| tokio::spawn(read_until(address, Request::get(path).by(token).bytes(), Arc::clone(&is_over)));
    let (lists, health) = (watch(LIST), watch(HEALTH));
    let openings = load.await;
    is_over.store(true, Ordering::Relaxed);
    Ok((openings?, lists.await??, health.await??))
}

async fn read_until(address: SocketAddr, request: Vec<u8>, is_over: Arc<AtomicBool>) -> anyhow::Result<Attempts> {
    let mut attempts = Attempts::default();
    let mut connection = None;
    while !is_over.load(Ordering::Relaxed) {
        let open = match connection.take() {
            Some(connection) => connection,
            None => Connection::open(address).await?,
        };
        let sent = attempt(open, &request, Instant::now()).await;
        attempts.record(&sent);
        connection = sent.connection;
        sleep(PAUSE).await;
    }
    Ok(attempts)
}
