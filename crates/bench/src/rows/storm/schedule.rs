//! Openings at a fixed rate: each has its scheduled moment.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

use crate::{
    client::Connection,
    load::{Attempts, attempt, sum_of},
};

/// How many openings are sent within which time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) opens: u32,
    pub(super) window: Duration,
    pub(super) connections: u16,
}

impl Schedule {
    /// Returns the moments of one of the connections, from the beginning of the storm.
    fn moments(self, connection: u16) -> impl Iterator<Item = Duration> {
        let numbers = (u32::from(connection)..self.opens).step_by(self.connections.into());
        numbers.map(move |number| self.window * number / self.opens)
    }
}

/// Opens incidents on schedule. Each latency counts from the scheduled moment, and so includes the time that a request
/// waits for the one before it. Up to a millisecond of it is the timer's.
pub(super) async fn run(address: SocketAddr, request: Vec<u8>, schedule: Schedule) -> anyhow::Result<Attempts> {
    let request: Arc<[u8]> = request.into();
    let connections = Connection::open_many(&[address], schedule.connections.into()).await?;
    let started = Instant::now();
    let mut senders = JoinSet::new();
    for (number, connection) in (0..schedule.connections).zip(connections) {
        let request = Arc::clone(&request);
        senders.spawn(async move {
            let mut attempts = Attempts::default();
            let mut connection = Some(connection);
            for moment in schedule.moments(number) {
                let Some(open) = connection.take() else { break };
                let scheduled = started + moment;
                sleep_until(scheduled.into()).await;
                let sent = attempt(open, &request, scheduled).await;
                attempts.record(&sent);
                connection = sent.connection;
            }
            attempts
        });
    }
    Ok(sum_of(senders).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_share_the_moments_evenly() {
        let schedule = Schedule { opens: 10, window: Duration::from_millis(100), connections: 4 };
        let moments = |connection| schedule.moments(connection).map(|at| at.as_millis()).collect::<Vec<_>>();
        assert_eq!(moments(0), [0, 40, 80]);
        assert_eq!(moments(1), [10, 50, 90]);
        assert_eq!(moments(3), [30, 70]);
    }
}
