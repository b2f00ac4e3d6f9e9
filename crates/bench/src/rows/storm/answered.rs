//! How openings are answered.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::time::timeout;

use crate::{
    campaign::ANSWER_TIME_MAX,
    client::{Answer, Connection, Request},
    load::Latencies,
};

/// How some openings were answered.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// What was acknowledged.
    pub(super) ids: Vec<String>,
    /// How long those took that were acknowledged.
    pub(super) opened: Latencies,
    /// How long those took that were sent away.
    pub(super) shed: Latencies,
    /// Sent away without a problem that says when to come again.
    pub(super) unfit: u64,
    /// Any other answer.
    pub(super) other: u64,
    pub(super) broken: u64,
    pub(super) hung: u64,
}

/// The request to open an incident, as a monitoring system would.
pub(super) fn opening(token: &str) -> Vec<u8> {
    let body = json!({
        "title": "no answer from checkout-17",
        "description": "the probe got no answer for 30 s",
        "impact": "high",
        "urgency": "high",
        "service": "checkout",
        "category": "payments",
    });
    Request::post("/api/v1/incidents", &body).by(token).bytes()
}

impl Answered {
    /// Sends an opening whose time is counted from some moment, and notes how it was answered. A connection that
    /// cannot be used any more is replaced; `None` when there is no other.
    pub(super) async fn open(
        &mut self,
        mut connection: Connection,
        address: SocketAddr,
        request: &[u8],
        from: Instant,
    ) -> Option<Connection> {
        match timeout(ANSWER_TIME_MAX, connection.exchange(request)).await {
            Ok(Ok(answer)) => {
                // Whoever is sent away is asked to come again by another connection.
                let is_last = answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
                self.note(answer, from.elapsed());
                if !is_last {
                    return Some(connection);
                }
            }
            Ok(Err(_)) => self.broken += 1,
            Err(_) => self.hung += 1,
        }
        Connection::open(address).await.ok()
    }

    fn note(&mut self, answer: Answer<'_>, took: Duration) {
        match answer.status() {
            201 => {
                let location = answer.header("location").unwrap_or_default();
                self.ids.push(location.rsplit('/').next().unwrap_or_default().to_owned());
                self.opened.record(took);
            }
            503 => {
                let reply = answer.to_reply();
                let is_fit = reply.is_problem() && reply.header("retry-after").is_some();
                self.unfit += u64::from(!is_fit);
                self.shed.record(took);
            }
            _ => self.other += 1,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.opened.add(&other.opened);
        self.shed.add(&other.shed);
        self.unfit += other.unfit;
        self.other += other.other;
        self.broken += other.broken;
        self.hung += other.hung;
    }
}
