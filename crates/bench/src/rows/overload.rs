//! Far more connections than there is work for: everybody is answered or refused in time, memory stays bounded, and
//! afterwards a single client is served as before.

use std::{
    collections::BTreeMap,
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

use crate::{
    campaign::ANSWER_TIME_MAX,
    client::{Api, Connection, Request},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// More memory than that a server must never take, whatever is asked of it; it idles with a tenth of it.
pub(super) const MEMORY_MIB_MAX: u64 = 400;

/// How much more memory the last quarter of the load may take than the quarter before it: what grows without a bound
/// grows as long as the load goes on.
const GROWTH_MAX: f64 = 1.25;

/// How often memory is looked at.
const MEMORY_LOOKED_AT_EVERY: Duration = Duration::from_millis(100);

/// How many requests of a single client make its latency.
const SINGLE_REQUESTS: usize = 200;

/// How soon a single client must be served as before.
pub(super) const RECOVERY_TIME: Duration = Duration::from_secs(1);

/// How much slower "as before" may be.
pub(super) const RECOVERED_RATIO_MAX: f64 = 2.0;

/// Opens far more connections than the server can serve: no hang, bounded memory, quick recovery
#[derive(Clone, Debug, Args)]
pub(crate) struct Overload {
    /// How many connections are used without a pause
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(2..=256))]
    connections: u16,
    /// For how long
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=120))]
    seconds: u16,
}

/// What came back to some connections.
#[derive(Debug, Default)]
struct Load {
    answered: BTreeMap<u16, u64>,
    latencies: Latencies,
    broken: u64,
    hung: u64,
    /// Answers of 500 and above that are no problems, or tell not when to try again.
    unfit: u64,
}

impl Row for Overload {
    const NAME: &'static str = "overload";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        let server = stage.start_server()?;
        let token = stage.admin_session(&server).await?;
        let mut admin = Api::resume(server.address(), &token).await?;
        let id = admin.open_incident("everybody's").await?;
        let requests: Arc<[Vec<u8>]> = requests(&token, &id).into();
        let single = Request::get(&format!("/api/v1/incidents/{id}")).by(&token).bytes();
        // Once to be warm, once to be measured.
        single_latency_ms(server.address(), &single).await?;
        let before_ms = single_latency_ms(server.address(), &single).await?;

        let window = Duration::from_secs(self.seconds.into());
        let until = Instant::now() + window;
        let mut driving = JoinSet::new();
        for connection in Connection::open_many(&[server.address()], self.connections.into()).await? {
            driving.spawn(drive(connection, server.address(), Arc::clone(&requests), until));
        }
        let memory_kib = watch_memory(&server, until).await;
        let mut load = Load::default();
        let all = async {
            while let Some(joined) = driving.join_next().await {
                load.add(joined.context("a connection's task panicked")?);
            }
            anyhow::Ok(())
        };
        timeout(2 * ANSWER_TIME_MAX, all).await.context("the load does not come to an end")??;
        sleep(RECOVERY_TIME).await;
        let after_ms = single_latency_ms(server.address(), &single).await?;
        Ok(report(&stage, self, load, &memory_kib, before_ms, after_ms))
    }
}

/// Reads, lists and writes, also to one incident that everybody writes to.
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

async fn drive(mut connection: Connection, address: SocketAddr, requests: Arc<[Vec<u8>]>, until: Instant) -> Load {
    let mut load = Load::default();
    let first = fastrand::usize(..requests.len());
    for request in requests.iter().cycle().skip(first) {
        let sent = Instant::now();
        if sent >= until {
            break;
        }
        let exchange = async { anyhow::Ok(connection.exchange(request).await?.to_reply()) };
        match timeout(ANSWER_TIME_MAX, exchange).await {
            Ok(Ok(reply)) => {
                load.latencies.record(sent.elapsed());
                *load.answered.entry(reply.status()).or_default() += 1;
                let is_fit = reply.status() == 503 && reply.is_problem() && reply.header("retry-after").is_some();
                load.unfit += u64::from(reply.status() >= 500 && !is_fit);
                continue;
            }
            Ok(Err(_)) => load.broken += 1,
            Err(_) => load.hung += 1,
        }
        match Connection::open(address).await {
            Ok(anew) => connection = anew,
            Err(_) => break,
        }
    }
    load
}

impl Load {
    fn add(&mut self, other: Self) {
        self.latencies.add(&other.latencies);
        for (status, count) in other.answered {
            *self.answered.entry(status).or_default() += count;
        }
        self.broken += other.broken;
        self.hung += other.hung;
        self.unfit += other.unfit;
    }
}

pub(super) async fn watch_memory(server: &Server, until: Instant) -> Vec<u64> {
    let mut seen = Vec::new();
    while Instant::now() < until {
        seen.push(server.memory_kib());
        sleep(MEMORY_LOOKED_AT_EVERY).await;
    }
    seen
}

/// The median latency of one client that asks one thing after the other.
pub(super) async fn single_latency_ms(address: SocketAddr, request: &[u8]) -> anyhow::Result<f64> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Latencies::default();
    for _ in 0..SINGLE_REQUESTS {
        let sent = Instant::now();
        let exchange = timeout(ANSWER_TIME_MAX, connection.exchange(request)).await;
        let answer = exchange.context("a single client was not answered in time")??;
        anyhow::ensure!(answer.status() == 200, "a single client was answered with {}", answer.status());
        latencies.record(sent.elapsed());
    }
    Ok(latencies.percentile_ms(0.5))
}

/// The most memory in the last quarter of the load, as a ratio to that in the quarter before.
fn growth(memory_kib: &[u64]) -> f64 {
    let quarter = memory_kib.len() / 4;
    let most = |range: std::ops::Range<usize>| memory_kib.get(range).into_iter().flatten().copied().max().unwrap_or(0);
    let (last, before) = (most(3 * quarter..memory_kib.len()), most(2 * quarter..3 * quarter));
    #[expect(clippy::cast_precision_loss, reason = "no machine has so much memory")]
    let ratio = last as f64 / before.max(1) as f64;
    ratio
}

fn report(stage: &Stage, options: &Overload, load: Load, memory_kib: &[u64], before_ms: f64, after_ms: f64) -> Report {
    let mut table = Table::new(&["what", "figure"]);
    for (status, count) in &load.answered {
        table.push([Cell::text(format!("answers with {status}")), Cell::Count(*count)]);
    }
    let most_mib = memory_kib.iter().max().copied().unwrap_or_default() / 1024;
    let longest_ms = load.latencies.percentile_ms(1.0);
    for (what, ms) in [
        ("median answer, ms", load.latencies.percentile_ms(0.5)),
        ("99 % of answers within, ms", load.latencies.percentile_ms(0.99)),
        ("longest answer, ms", longest_ms),
    ] {
        table.push([Cell::text(what), Cell::Figure(ms, 1)]);
    }
    let first_mib = memory_kib.first().copied().unwrap_or_default() / 1024;
    table.push([Cell::text("memory at the beginning, MiB"), Cell::Count(first_mib)]);
    table.push([Cell::text("most memory, MiB"), Cell::Count(most_mib)]);
    table.push([Cell::text("median answer to a single client before, ms"), Cell::Figure(before_ms, 3)]);
    table.push([Cell::text("the same 1 s after the load"), Cell::Figure(after_ms, 3)]);

    let expected = [200, 201, 503];
    let other: u64 =
        load.answered.iter().filter(|(status, _)| !expected.contains(status)).map(|(_, count)| count).sum();
    let growth = growth(memory_kib);
    let limit = ANSWER_TIME_MAX.as_secs();
    let verdicts = vec![
        Verdict::count(format!("requests not answered within {limit} s"), 0, load.hung),
        Verdict::count("connections that broke", 0, load.broken),
        Verdict::count("answers but 200, 201 and 503", 0, other),
        Verdict::count("answers from 500 on that do not say when to try again", 0, load.unfit),
        Verdict::correctness(
            "most memory",
            format!("≤ {MEMORY_MIB_MAX} MiB"),
            format!("{most_mib} MiB"),
            most_mib > 0 && most_mib <= MEMORY_MIB_MAX,
        ),
        Verdict::timing(
            "memory in the last quarter to the one before",
            format!("≤ {GROWTH_MAX}"),
            format!("{growth:.2}"),
            growth <= GROWTH_MAX,
        ),
        Verdict::timing(
            "a single client, 1 s after, to before",
            format!("≤ {RECOVERED_RATIO_MAX}"),
            format!("{:.2}", after_ms / before_ms),
            after_ms <= RECOVERED_RATIO_MAX * before_ms,
        ),
    ];
    let mut circumstances = stage.circumstances();
    circumstances.push(("connections", options.connections.to_string()));
    circumstances.push(("seconds", options.seconds.to_string()));
    Report { command: "overload", circumstances, table, verdicts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_keeps_growing_is_seen() {
        assert!((growth(&[10, 10, 20, 20, 20, 20, 20, 20]) - 1.0).abs() < f64::EPSILON);
        assert!((growth(&[10, 20, 30, 40, 50, 60, 70, 90]) - 1.5).abs() < f64::EPSILON);
    }
}
