//! An incident storm: a fixed rate of openings, sent on schedule whether or not the server keeps up, while other clients
//! read lists. Then the server is killed, and every acknowledged incident must exist.
//!
//! After that, more requests than the server can handle: it must refuse the excess with 503, and serve a single client as
//! before afterwards.

mod beyond_capacity;
mod schedule;
mod verdicts;
mod watch;

use std::{
    collections::HashSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::json;
use tokio::time::sleep;

use super::{
    Row,
    overload::{RECOVERY_TIME, SingleClient, single_latency_ms, warm_latency_ms, watch_memory},
};
use crate::{
    client::{Api, Request},
    load::Attempts,
    report::{Cell, Report, Table, cells},
    testbed::{Server, TestBed, TestBedOptions},
    units,
};

use schedule::Schedule;
use watch::while_watched;

/// The setting for how many requests the server handles at a time.
const REQUESTS_IN_FLIGHT_MAX: &str = "REQUESTS_IN_FLIGHT_MAX";

/// Opens incidents at a fixed rate, then beyond capacity: all are kept, the excess is refused with 503
#[derive(Clone, Debug, Args)]
pub(crate) struct Storm {
    /// Number of incidents
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    opens: u32,
    /// Milliseconds within which they are opened
    #[arg(long, value_name = "MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    window_ms: u64,
    /// Number of connections that open them
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Number of connections that send without a pause beyond capacity
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(2..=256))]
    beyond_connections: u16,
    /// Milliseconds of load beyond capacity
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(500..=60_000))]
    beyond_ms: u64,
    /// Number of requests that the server then handles at a time: fewer than there are connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=255))]
    in_flight_max: u16,
}

/// The figures of one phase.
struct Phase {
    name: &'static str,
    openings: Attempts,
    lists: Attempts,
    health: Attempts,
    memory_mib: Vec<f64>,
    /// Acknowledged incidents that do not exist afterwards.
    missing: usize,
    took: Duration,
}

impl Row for Storm {
    const NAME: &'static str = "storm";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let mut testbed = TestBed::create(options, &[]).await?;
        let server = testbed.start_server()?;
        let token = testbed.admin_session(server.address()).await?;
        let window = Duration::from_millis(self.window_ms);
        let schedule = Schedule { opens: self.opens, window, connections: self.connections };
        let storm = schedule::run(server.address(), opening_request(&token), schedule);
        let mut storm = Phase::run("storm", &server, &token, window, storm).await?;

        server.kill()?;
        testbed.change_settings(&[(REQUESTS_IN_FLIGHT_MAX, self.in_flight_max.to_string())]);
        let server = testbed.start_server()?;
        let address = server.address();
        let token = testbed.admin_session(address).await?;
        storm.missing = count_missing(address, &token, &storm.openings.created).await?;

        let single = single_request(&storm, &token);
        let before_ms = warm_latency_ms(address, &single).await?;
        let window = Duration::from_millis(self.beyond_ms);
        let load = beyond_capacity::run(address, opening_request(&token), self.beyond_connections, window);
        let mut beyond = Phase::run("beyond", &server, &token, window, load).await?;
        sleep(RECOVERY_TIME).await;
        let single = SingleClient { before_ms, after_ms: single_latency_ms(address, &single).await? };
        beyond.missing = count_missing(address, &token, &beyond.openings.created).await?;

        let took = format!("{} and {}", storm.took.as_millis(), beyond.took.as_millis());
        let circumstances = testbed
            .circumstances()
            .with("storm", format!("{} openings in {} ms", self.opens, self.window_ms))
            .with("connections of the storm", self.connections)
            .with("connections beyond capacity", self.beyond_connections)
            .with("requests in flight beyond capacity", testbed.setting(REQUESTS_IN_FLIGHT_MAX))
            .with("the phases took, ms", took);
        let verdicts = verdicts::verdicts(self, &storm, &beyond, single);
        Ok(Report { circumstances, table: table([&storm, &beyond]), verdicts })
    }
}

impl Phase {
    /// Runs a load while lists, health and memory are watched.
    async fn run(
        name: &'static str,
        server: &Server,
        token: &str,
        window: Duration,
        load: impl Future<Output = anyhow::Result<Attempts>>,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let watched = while_watched(server.address(), token, load);
        let (watched, memory_mib) = tokio::join!(watched, watch_memory(server, started + window));
        let ((openings, lists, health), memory_mib) = (watched?, memory_mib?);
        Ok(Self { name, openings, lists, health, memory_mib, missing: 0, took: started.elapsed() })
    }
}

/// Returns the request to open an incident, as a monitoring system would send it.
fn opening_request(token: &str) -> Vec<u8> {
    let body = json!({
        "title": "no response from checkout-17",
        "description": "the probe had no response for 30 s",
        "impact": "high",
        "urgency": "high",
        "service": "checkout",
        "category": "payments",
    });
    Request::post("/api/v1/incidents", &body).by(token).bytes()
}

/// Returns the request of a single client: an incident of the storm, or a list if there is none.
fn single_request(storm: &Phase, token: &str) -> Vec<u8> {
    let path = match storm.openings.created.first() {
        Some(id) => format!("/api/v1/incidents/{id}"),
        None => watch::LIST.to_owned(),
    };
    Request::get(&path).by(token).bytes()
}

/// Returns how many of these incidents are not in the list of all.
async fn count_missing(address: SocketAddr, token: &str, acknowledged: &[String]) -> anyhow::Result<usize> {
    let mut missing: HashSet<&str> = acknowledged.iter().map(String::as_str).collect();
    for item in Api::resume(address, token).await?.read_all("/api/v1/incidents?fields=id").await? {
        missing.remove(item["id"].as_str().unwrap_or_default());
    }
    Ok(missing.len())
}

fn table(phases: [&Phase; 2]) -> Table {
    let mut table = Table::new(&["phase", "what", "responses", "per s", "p50 ms", "p99 ms", "longest ms"]);
    for phase in phases {
        for (what, latencies) in [
            ("opened", phase.openings.with_status(201)),
            ("refused with 503", phase.openings.with_status(503)),
            ("list", phase.lists.with_status(200)),
            ("health", phase.health.with_status(200)),
        ] {
            table.push(cells![
                phase.name,
                what,
                latencies.count(),
                Cell::Figure(units::per_second(latencies.count(), phase.took), 0),
                Cell::Figure(latencies.p50_ms(), 1),
                Cell::Figure(latencies.p99_ms(), 1),
                Cell::Figure(latencies.max_ms(), 1)
            ]);
        }
    }
    table
}
