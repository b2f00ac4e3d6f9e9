//! The storm itself: each opening has its moment.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::{task::JoinSet, time::sleep_until};

use super::answered::{Answered, opening};
use crate::client::Connection;

/// How many openings come in which time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) opens: u32,
    pub(super) window: Duration,
    pub(super) connections: u16,
}

impl Plan {
    /// The moments of one of the connections, from the beginning of the storm.
    fn moments(self, connection: u16) -> impl Iterator<Item = Duration> {
        let numbers = (u32::from(connection)..self.opens).step_by(self.connections.into());
        numbers.map(move |number| self.window * number / self.opens)
    }
}

/// Opens incidents by the plan. The time of each is counted from the moment at which it was to be sent, so that whoever
/// comes late because the one before had to wait is counted as having waited too. Up to a millisecond of it is the
/// timer's.
pub(super) async fn storm(address: SocketAddr, token: &str, plan: Plan) -> anyhow::Result<Answered> {
    let request: Arc<[u8]> = opening(token).into();
    let connections = Connection::open_many(&[address], plan.connections.into()).await?;
    let begun = Instant::now();
    let mut driving = JoinSet::new();
    for (number, connection) in (0..plan.connections).zip(connections) {
        let request = Arc::clone(&request);
        driving.spawn(async move {
            let mut answered = Answered::default();
            let mut connection = Some(connection);
            for moment in plan.moments(number) {
                let Some(open) = connection.take() else { break };
                let planned = begun + moment;
                sleep_until(planned.into()).await;
                connection = answered.open(open, address, &request, planned).await;
            }
            answered
        });
    }
    let mut all = Answered::default();
    while let Some(joined) = driving.join_next().await {
        all.add(joined.context("a connection's task panicked")?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_share_the_moments_evenly() {
        let plan = Plan { opens: 10, window: Duration::from_millis(100), connections: 4 };
        let moments = |connection| plan.moments(connection).map(|at| at.as_millis()).collect::<Vec<_>>();
        assert_eq!(moments(0), [0, 40, 80]);
        assert_eq!(moments(1), [10, 50, 90]);
        assert_eq!(moments(3), [30, 70]);
    }
}
