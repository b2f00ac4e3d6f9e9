//! Requests to a server that may refuse them, fail, or not respond.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout};

use super::Latencies;
use crate::client::{Connection, OwnedResponse};

/// The maximal response time of a server, including during its own or its database's outage.
pub(crate) const RESPONSE_TIME_MAX: Duration = Duration::from_secs(20);

/// A request that was sent, and its outcome.
#[derive(Debug)]
pub(crate) struct Attempt {
    outcome: Outcome,
    took: Duration,
    /// The connection for the next request; `None` if the server accepts no more.
    pub(crate) connection: Option<Connection>,
}

#[derive(Debug)]
enum Outcome {
    Response(OwnedResponse),
    ConnectionBroke,
    TimedOut,
}

/// Sends a request whose latency counts from a given moment. A connection that cannot be used again is replaced.
pub(crate) async fn attempt(mut connection: Connection, request: &[u8], since: Instant) -> Attempt {
    let address = connection.address();
    let exchange = async { anyhow::Ok(connection.exchange(request).await?.into_owned()) };
    let outcome = match timeout(RESPONSE_TIME_MAX, exchange).await {
        Ok(Ok(response)) => Outcome::Response(response),
        Ok(Err(_)) => Outcome::ConnectionBroke,
        Err(_) => Outcome::TimedOut,
    };
    let took = since.elapsed();
    let is_usable = matches!(&outcome, Outcome::Response(response) if !response.closes_connection());
    let connection = if is_usable { Some(connection) } else { Connection::open(address).await.ok() };
    Attempt { outcome, took, connection }
}

impl Attempt {
    /// Returns the attempt of a client that could not connect.
    pub(crate) const fn without_connection() -> Self {
        Self { outcome: Outcome::ConnectionBroke, took: Duration::ZERO, connection: None }
    }
}

/// Sends the requests in turn and without a pause, beginning at any of them, while the server accepts connections.
pub(crate) async fn send_without_pause(connection: Connection, requests: Arc<[Vec<u8>]>, until: Instant) -> Attempts {
    let mut attempts = Attempts::default();
    let mut connection = Some(connection);
    for request in requests.iter().cycle().skip(fastrand::usize(..requests.len())) {
        let Some(open) = connection.take().filter(|_| Instant::now() < until) else { break };
        let sent = attempt(open, request, Instant::now()).await;
        attempts.record(&sent);
        connection = sent.connection;
    }
    attempts
}

/// Adds the attempts of several clients.
pub(crate) async fn sum_of(clients: JoinSet<Attempts>) -> Attempts {
    let mut all = Attempts::default();
    clients.join_all().await.into_iter().for_each(|attempts| all.add(attempts));
    all
}

/// Counts and latencies of many attempts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts {
    by_status: BTreeMap<u16, Latencies>,
    /// The ids of created resources, from the `Location` of responses with 201.
    pub(crate) created: Vec<String>,
    /// Connections that were refused, or broke before the response.
    pub(crate) broken: u64,
    /// Requests without a response within [`RESPONSE_TIME_MAX`].
    pub(crate) timed_out: u64,
    /// Responses from 500 on that are no documented refusal.
    pub(crate) undocumented: u64,
}

impl Attempts {
    pub(crate) fn record(&mut self, attempt: &Attempt) {
        match &attempt.outcome {
            Outcome::Response(response) => {
                self.by_status.entry(response.status()).or_default().record(attempt.took);
                self.undocumented += u64::from(response.status() >= 500 && !response.is_documented_refusal());
                let location = response.header("location").filter(|_| response.status() == 201);
                self.created.extend(location.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
            }
            Outcome::ConnectionBroke => self.broken += 1,
            Outcome::TimedOut => self.timed_out += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (status, latencies) in &other.by_status {
            self.by_status.entry(*status).or_default().add(latencies);
        }
        self.created.extend(other.created);
        self.broken += other.broken;
        self.timed_out += other.timed_out;
        self.undocumented += other.undocumented;
    }

    /// Returns the latencies of all responses with this status.
    pub(crate) fn with_status(&self, status: u16) -> Latencies {
        self.by_status.get(&status).cloned().unwrap_or_default()
    }

    /// Returns the latencies of all responses.
    pub(crate) fn latencies(&self) -> Latencies {
        let mut all = Latencies::default();
        self.by_status.values().for_each(|latencies| all.add(latencies));
        all
    }

    /// Returns how many responses had each status.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u16, u64)> {
        self.by_status.iter().map(|(status, latencies)| (*status, latencies.count()))
    }

    /// Returns how many responses had a status other than these.
    pub(crate) fn count_except(&self, expected: &[u16]) -> u64 {
        self.counts().filter(|(status, _)| !expected.contains(status)).map(|(_, count)| count).sum()
    }

    /// Returns how many requests had no response.
    pub(crate) const fn without_response(&self) -> u64 {
        self.broken + self.timed_out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attempt_with(outcome: Outcome) -> Attempt {
        Attempt { outcome, took: Duration::from_millis(1), connection: None }
    }

    #[test]
    fn attempts_are_counted_by_outcome() {
        let refusal = [("content-type", "application/problem+json"), ("retry-after", "1")];
        let mut attempts = Attempts::default();
        for outcome in [
            Outcome::Response(OwnedResponse::for_tests(201, &[("location", "/incidents/7")], &json!({}))),
            Outcome::Response(OwnedResponse::for_tests(503, &refusal, &json!({"status": 503}))),
            Outcome::Response(OwnedResponse::for_tests(503, &[], &json!({}))),
            Outcome::Response(OwnedResponse::for_tests(500, &[], &json!({}))),
            Outcome::ConnectionBroke,
            Outcome::TimedOut,
        ] {
            attempts.record(&attempt_with(outcome));
        }
        let mut twice = attempts.clone();
        twice.add(attempts);
        assert_eq!(twice.created, ["7", "7"]);
        assert_eq!(twice.counts().collect::<Vec<_>>(), [(201, 2), (500, 2), (503, 4)]);
        assert_eq!((twice.with_status(503).count(), twice.latencies().count()), (4, 8));
        assert_eq!((twice.undocumented, twice.count_except(&[201, 503])), (4, 2));
        assert_eq!((twice.broken, twice.timed_out, twice.without_response()), (2, 2, 4));
    }
}
