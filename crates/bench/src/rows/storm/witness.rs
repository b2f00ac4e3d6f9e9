//! Somebody who wants something else while the storm goes on.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};

use super::answered::Answered;
use crate::{
    campaign::ANSWER_TIME_MAX,
    client::{Connection, Request},
    load::Latencies,
};

/// What responders look at.
pub(super) const LIST: &str = "/api/v1/incidents?page_size=50&cursor=";

/// What whoever starts and stops servers looks at.
const HEALTH: &str = "/health/ready";

/// Between one look and the next.
const PAUSE: Duration = Duration::from_millis(20);

/// What somebody saw who looked again and again.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// Of those looks that were answered with 200.
    pub(super) latencies: Latencies,
    /// How often it was told to come again.
    pub(super) shed: u64,
    /// How often there was another answer, or none.
    pub(super) failed: u64,
}

/// Lets a load run while somebody looks at lists and somebody at the server's health.
pub(super) async fn while_watched(
    address: SocketAddr,
    token: &str,
    load: impl Future<Output = anyhow::Result<Answered>>,
) -> anyhow::Result<(Answered, Witness, Witness)> {
    let is_over = Arc::new(AtomicBool::new(false));
    let look = |path| tokio::spawn(look_until(address, Request::get(path).by(token).bytes(), Arc::clone(&is_over)));
    let (lists, health) = (look(LIST), look(HEALTH));
    let answered = load.await;
    is_over.store(true, Ordering::Relaxed);
    Ok((answered?, lists.await??, health.await??))
}

async fn look_until(address: SocketAddr, request: Vec<u8>, is_over: Arc<AtomicBool>) -> anyhow::Result<Witness> {
    let mut witness = Witness::default();
    let mut connection = Connection::open(address).await?;
    while !is_over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let status = match timeout(ANSWER_TIME_MAX, connection.exchange(&request)).await {
            Ok(Ok(answer)) => Some(answer.status()),
            Ok(Err(_)) | Err(_) => None,
        };
        match status {
            Some(200) => witness.latencies.record(asked.elapsed()),
            Some(503) => witness.shed += 1,
            _ => witness.failed += 1,
        }
        if status.is_none() {
            connection = Connection::open(address).await?;
        }
        sleep(PAUSE).await;
    }
    Ok(witness)
}
