//! Far more connections than the server can serve: every request has a response in time, memory stays bounded, and
//! afterwards a single client is served as before.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::Row;
use crate::{
    client::{Api, Connection, Request},
    load::{Attempts, RESPONSE_TIME_MAX, send_sequentially, send_without_pause, sum_of},
    report::{Cell, Report, Table},
    testbed::{Server, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// The server uses a tenth of this when idle.
pub(super) const MEMORY: Target = Target::AtMost(400.0, Unit::Mebibytes);

/// The growth of the memory in the last quarter of the load: unbounded growth continues as long as the load.
const GROWTH: Target = Target::AtMost(1.25, Unit::Times);

/// The latency of a single client after the load, to that before.
pub(super) const RECOVERED: Target = Target::AtMost(2.0, Unit::Times);

/// How soon after the load a single client is served as before.
pub(super) const RECOVERY_TIME: Duration = Duration::from_secs(1);

const MEMORY_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// How many requests of a single client are measured.
const SINGLE_REQUESTS: usize = 200;

/// Opens far more connections than the server can serve: no hang, bounded memory, quick recovery
#[derive(Clone, Debug, Args)]
pub(crate) struct Overload {
    /// Number of connections that send without a pause
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(2..=256))]
    connections: u16,
    /// How long the load runs
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=120))]
    seconds: u16,
}

/// The latency of a single client before and after the load.
#[derive(Clone, Copy, Debug)]
pub(super) struct SingleClient {
    pub(super) before_ms: f64,
    pub(super) after_ms: f64,
}

impl Row for Overload {
    const NAME: &'static str = "overload";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let server = testbed.start_server()?;
        let address = server.address();
        let token = testbed.admin_session(address).await?;
        let id = Api::resume(address, &token).await?.open_incident("changed by all").await?;
        let requests: Arc<[Vec<u8>]> = requests(&token, &id).into();
        let single = Request::get(&format!("/api/v1/incidents/{id}")).by(&token).bytes();
        let before_ms = warm_latency_ms(address, &single).await?;

        let until = Instant::now() + Duration::from_secs(self.seconds.into());
        let connections = Connection::open_many(&[address], self.connections.into()).await?;
        let senders: JoinSet<_> = connections
            .into_iter()
            .map(|connection| send_without_pause(connection, Arc::clone(&requests), until))
            .collect();
        let memory_mib = watch_memory(&server, until).await?;
        let attempts = timeout(2 * RESPONSE_TIME_MAX, sum_of(senders)).await.context("the load does not end")?;
        sleep(RECOVERY_TIME).await;
        let single = SingleClient { before_ms, after_ms: single_latency_ms(address, &single).await? };
        let circumstances = testbed.circumstances().with("connections", self.connections).with("seconds", self.seconds);
        let (table, verdicts) = (table(&attempts, &memory_mib, single), verdicts(&attempts, &memory_mib, single));
        Ok(Report { circumstances, table, verdicts })
    }
}

/// Returns reads, lists and writes, also of one incident that all connections change.
fn requests(token: &str, id: &str) -> Vec<Vec<u8>> {
    let path = format!("/api/v1/incidents/{id}");
    let requests = [
        Request::get(&path),
        Request::post("/api/v1/incidents", &json!({"title": "one of many", "service": "overload"})),
        Request::get("/api/v1/incidents?cursor=&page_size=50"),
        Request::post(&format!("{path}/logs"), &json!({"message": "me too"})),
        Request::get("/api/v1/users/me"),
        Request::patch(&path, &json!({"title": "changed by many"})),
    ];
    requests.map(|request| request.by(token).bytes()).into()
}

/// Reads the server's memory until the end of the load.
pub(super) async fn watch_memory(server: &Server, until: Instant) -> anyhow::Result<Vec<f64>> {
    let mut memory_mib = vec![server.memory_mib()?];
    while Instant::now() < until {
        sleep(MEMORY_POLL_INTERVAL).await;
        memory_mib.push(server.memory_mib()?);
    }
    Ok(memory_mib)
}

/// Returns the median latency of a single client after a warm-up.
pub(super) async fn warm_latency_ms(address: SocketAddr, request: &[u8]) -> anyhow::Result<f64> {
    single_latency_ms(address, request).await?;
    single_latency_ms(address, request).await
}

/// Returns the median latency of a single client.
pub(super) async fn single_latency_ms(address: SocketAddr, request: &[u8]) -> anyhow::Result<f64> {
    Ok(send_sequentially(address, std::iter::repeat_n(request, SINGLE_REQUESTS), 200).await?.p50_ms())
}

impl SingleClient {
    pub(super) fn verdict(self) -> Verdict {
        let what = "a single client, 1 s after, to before";
        Verdict::timing(what, RECOVERED, units::ratio(self.after_ms, self.before_ms))
    }
}

/// Returns the highest of some memory readings; 0 without any.
pub(super) fn highest(memory_mib: &[f64]) -> f64 {
    memory_mib.iter().copied().fold(0.0, f64::max)
}

/// Returns the highest memory in the last quarter of the load, as a ratio to that in the quarter before.
fn growth(memory_mib: &[f64]) -> f64 {
    let quarter = memory_mib.len() / 4;
    let (before, last) = (&memory_mib[2 * quarter..3 * quarter], &memory_mib[3 * quarter..]);
    units::ratio(highest(last), highest(before).max(1.0))
}

fn table(attempts: &Attempts, memory_mib: &[f64], single: SingleClient) -> Table {
    let mut table = Table::new(&["what", "figure"]);
    table.extend(attempts.counts().map(|(status, count)| (format!("responses with {status}"), count)));
    let latencies = attempts.latencies();
    table.extend([
        ("median response, ms", Cell::Figure(latencies.p50_ms(), 1)),
        ("99 % of responses within, ms", Cell::Figure(latencies.p99_ms(), 1)),
        ("longest response, ms", Cell::Figure(latencies.max_ms(), 1)),
        ("memory at the beginning, MiB", Cell::Figure(memory_mib.first().copied().unwrap_or_default(), 1)),
        ("most memory, MiB", Cell::Figure(highest(memory_mib), 1)),
        ("median response to a single client before, ms", Cell::Figure(single.before_ms, 3)),
        ("the same 1 s after the load", Cell::Figure(single.after_ms, 3)),
    ]);
    table
}

fn verdicts(attempts: &Attempts, memory_mib: &[f64], single: SingleClient) -> Vec<Verdict> {
    let limit = RESPONSE_TIME_MAX.as_secs();
    vec![
        Verdict::exactly(format!("requests without a response within {limit} s"), 0, attempts.timed_out),
        Verdict::exactly("connections that broke", 0, attempts.broken),
        Verdict::exactly("responses except 200, 201 and 503", 0, attempts.count_except(&[200, 201, 503])),
        Verdict::exactly("responses from 500 on without Retry-After", 0, attempts.undocumented),
        Verdict::guarantee("most memory", MEMORY, highest(memory_mib)),
        Verdict::timing("memory in the last quarter to the one before", GROWTH, growth(memory_mib)),
        single.verdict(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_the_last_quarter() {
        assert!((growth(&[10.0, 10.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0]) - 1.0).abs() < f64::EPSILON);
        assert!((growth(&[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 90.0]) - 1.5).abs() < f64::EPSILON);
    }
}
