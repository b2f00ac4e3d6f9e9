//! Many responders on one incident, each commenting and changing it as fast as possible: all requests succeed, and the
//! timeline contains everything that was acknowledged, once.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::timeout};

use super::{Row, hot_etag::lost_update};
use crate::{
    client::{Api, Connection, Request},
    load::{Latencies, RESPONSE_TIME_MAX},
    report::{Cell, Report, Table, cells},
    testbed::{ProcessOptions, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

const FIRST_TITLE: &str = "hot";

/// The throughput of all responders, to that of one alone: waiting for others must cost nothing.
const THROUGHPUT_RATIO: Target = Target::AtLeast(0.8, Unit::Percent);

/// One responder works alone for this part of the time.
const ALONE_PART: u32 = 4;

/// Lets many responders work on one incident: all succeed, nothing is lost or duplicated
#[derive(Clone, Debug, Args)]
pub(crate) struct HotIncident {
    /// Number of concurrent responders
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(2..=256))]
    responders: u16,
    /// How long they work
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=120))]
    seconds: u16,
    #[command(flatten)]
    servers: ProcessOptions,
}

/// The responses to some responders.
#[derive(Debug, Default)]
struct Work {
    /// The markers of acknowledged comments and changes.
    comments: Vec<String>,
    changes: Vec<String>,
    comment_latencies: Latencies,
    change_latencies: Latencies,
    /// How often each other response came.
    refusals: BTreeMap<String, u64>,
    /// Requests without a response.
    unanswered: u64,
}

/// Differences between the timeline and what was acknowledged.
#[derive(Debug, Default, PartialEq, Eq)]
struct Differences {
    missing: u64,
    duplicated: u64,
    unknown: u64,
    lost_updates: u64,
}

impl Row for HotIncident {
    const NAME: &'static str = "hot-incident";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(self.servers.processes)?;
        let server = addresses[0];
        let tokens = create_responders(&testbed, server, self.responders).await?;
        let path = format!("/api/v1/incidents/{}", testbed.admin(server).await?.open_incident(FIRST_TITLE).await?);

        let window = Duration::from_secs(self.seconds.into());
        let alone_window = window / ALONE_PART;
        let alone = work_together(&addresses, &path, &tokens[..1], "alone", alone_window).await?;
        let together = work_together(&addresses, &path, &tokens, "together", window).await?;

        // A new connection, because the server closes idle ones.
        let mut admin = testbed.admin(server).await?;
        let timeline = admin.read_all(&format!("{path}/logs")).await?;
        let version = admin.read(&path).await?["version"].as_u64().unwrap_or_default();
        let verification = admin.read(&format!("{path}/logs/verify")).await?;
        let differences = compare(&timeline, [&alone, &together]);
        let changes = (alone.changes.len() + together.changes.len()) as u64;
        let throughput =
            units::ratio(units::per_second(together.done(), window), units::per_second(alone.done(), alone_window));
        let verdicts = vec![
            Verdict::exactly("responders' requests that were refused", 0, alone.refused() + together.refused()),
            Verdict::exactly("requests without a response", 0, alone.unanswered + together.unanswered),
            Verdict::exactly("acknowledged and not in the timeline", 0, differences.missing),
            Verdict::exactly("twice in the timeline", 0, differences.duplicated),
            Verdict::exactly("in the timeline and never acknowledged", 0, differences.unknown),
            Verdict::exactly("lost updates", 0, differences.lost_updates),
            Verdict::exactly("the incident's version", 1 + changes, version),
            Verdict::exactly("the timeline", "whole", verification["verdict"].as_str().unwrap_or_default()),
            Verdict::timing("throughput of all to that of one alone", THROUGHPUT_RATIO, throughput),
        ];
        let mut circumstances = testbed
            .circumstances()
            .with("server processes", self.servers.processes)
            .with("responders", self.responders)
            .with("seconds", self.seconds);
        for (refusal, times) in alone.refusals.iter().chain(&together.refusals) {
            circumstances = circumstances.with("refused", format!("{refusal}, {times} times"));
        }
        let table = table([("one alone", &alone, alone_window), ("all", &together, window)]);
        Ok(Report { circumstances, table, verdicts })
    }
}

/// Creates users and returns their access tokens.
async fn create_responders(testbed: &TestBed, server: SocketAddr, count: u16) -> anyhow::Result<Vec<String>> {
    let mut admin = testbed.admin(server).await?;
    let mut tokens = Vec::with_capacity(count.into());
    for number in 0..count {
        let email = format!("responder-{number}@example.org");
        admin.create_user(&email).await?;
        tokens.push(Api::connect(server).await?.sign_in(&email).await?.access);
    }
    Ok(tokens)
}

async fn work_together(
    addresses: &[SocketAddr],
    path: &str,
    tokens: &[String],
    phase: &str,
    window: Duration,
) -> anyhow::Result<Work> {
    let mut responders = JoinSet::new();
    let connections = Connection::open_many(addresses, tokens.len()).await?;
    let until = Instant::now() + window;
    for (number, (connection, token)) in connections.into_iter().zip(tokens).enumerate() {
        let marker = format!("{phase}-{number}");
        responders.spawn(work(connection, path.to_owned(), token.clone(), marker, until));
    }
    let mut all = Work::default();
    for work in responders.join_all().await {
        all.add(work?);
    }
    Ok(all)
}

/// Comments and changes the incident in turn until the time is over.
async fn work(
    mut connection: Connection,
    path: String,
    token: String,
    marker: String,
    until: Instant,
) -> anyhow::Result<Work> {
    let mut work = Work::default();
    for number in 0_u64.. {
        if Instant::now() >= until {
            break;
        }
        let marker = format!("{marker}-{number}");
        let is_comment = number % 2 == 0;
        let request = if is_comment {
            Request::post(&format!("{path}/logs"), &json!({"message": marker}))
        } else {
            Request::patch(&path, &json!({"title": marker}))
        };
        let request = request.by(&token).bytes();
        let sent = Instant::now();
        let Ok(response) = timeout(RESPONSE_TIME_MAX, connection.exchange(&request)).await else {
            work.unanswered += 1;
            break;
        };
        let (response, took) = (response?, sent.elapsed());
        match (response.status(), is_comment) {
            (201, true) => {
                work.comments.push(marker);
                work.comment_latencies.record(took);
            }
            (200, false) => {
                work.changes.push(marker);
                work.change_latencies.record(took);
            }
            (status, _) => {
                let detail = response.json()?["detail"].as_str().unwrap_or_default().to_owned();
                *work.refusals.entry(format!("{status} {detail}")).or_default() += 1;
            }
        }
    }
    Ok(work)
}

impl Work {
    fn add(&mut self, other: Self) {
        self.comments.extend(other.comments);
        self.changes.extend(other.changes);
        self.comment_latencies.add(&other.comment_latencies);
        self.change_latencies.add(&other.change_latencies);
        units::add_counts(&mut self.refusals, &other.refusals);
        self.unanswered += other.unanswered;
    }

    fn refused(&self) -> u64 {
        self.refusals.values().sum()
    }

    fn done(&self) -> u64 {
        (self.comments.len() + self.changes.len()) as u64
    }
}

/// Compares the timeline with what was acknowledged.
fn compare(timeline: &[Value], all: [&Work; 2]) -> Differences {
    let marker_of = |entry: &Value| match entry["kind"].as_str() {
        Some("opened") => None,
        Some("commented") => Some(entry["message"].as_str().unwrap_or_default().to_owned()),
        _ => Some(entry["details"]["to"].as_str().unwrap_or_default().to_owned()),
    };
    let mut entries: BTreeMap<String, u64> = BTreeMap::new();
    for marker in timeline.iter().filter_map(marker_of) {
        *entries.entry(marker).or_default() += 1;
    }
    let mut differences = Differences::default();
    for marker in all.iter().flat_map(|work| work.comments.iter().chain(&work.changes)) {
        match entries.remove(marker) {
            None => differences.missing += 1,
            Some(1) => {}
            Some(_) => differences.duplicated += 1,
        }
    }
    differences.unknown = entries.len() as u64;
    differences.lost_updates = u64::from(lost_update(timeline, FIRST_TITLE).is_some());
    differences
}

fn table(phases: [(&'static str, &Work, Duration); 2]) -> Table {
    let mut table = Table::new(&["responders", "work", "done", "done/s", "p50 ms", "p99 ms"]);
    for (name, work, window) in phases {
        for (what, latencies) in [("comment", &work.comment_latencies), ("change", &work.change_latencies)] {
            table.push(cells![
                name,
                what,
                latencies.count(),
                Cell::Figure(units::per_second(latencies.count(), window), 0),
                Cell::Figure(latencies.p50_ms(), 1),
                Cell::Figure(latencies.p99_ms(), 1)
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commented(message: &str) -> Value {
        json!({"kind": "commented", "message": message})
    }

    fn renamed(from: &str, to: &str) -> Value {
        json!({"kind": "field_changed", "details": {"field": "title", "from": from, "to": to}})
    }

    #[test]
    fn missing_duplicated_and_unknown_entries_are_found() {
        let work = |comments: &[&str], changes: &[&str]| {
            let owned = |markers: &[&str]| markers.iter().map(|marker| (*marker).to_owned()).collect();
            Work { comments: owned(comments), changes: owned(changes), ..Work::default() }
        };
        let opened = json!({"kind": "opened", "details": {}});
        let (alone, together) = (work(&["a"], &["b"]), work(&["c"], &["d"]));
        let whole = [opened.clone(), commented("a"), renamed("hot", "b"), commented("c"), renamed("b", "d")];
        assert_eq!(compare(&whole, [&alone, &together]), Differences::default());
        let broken = [opened, commented("a"), commented("a"), commented("x"), renamed("hot", "d"), renamed("hot", "b")];
        let expected = Differences { missing: 1, duplicated: 1, unknown: 1, lost_updates: 1 };
        assert_eq!(compare(&broken, [&alone, &together]), expected);
    }
}
