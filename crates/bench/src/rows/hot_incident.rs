//! Many responders on one incident, each commenting on it and changing it as fast as they can: all get through, and
//! the timeline has everything that was acknowledged, once.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::timeout};

use super::hot_etag::{broken_titles, timeline_of};
use crate::{
    campaign::ANSWER_TIME_MAX,
    client::{Api, Connection, Request},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// What the incident is called before anybody has changed it.
const FIRST_TITLE: &str = "hot";

/// The responders together must get through at least so much of what one of them gets through alone: whoever waits for
/// others must not cost them anything.
const THROUGHPUT_PART_MIN: f64 = 0.8;

/// How much of its time one responder is alone, before the others come.
const ALONE_PART: u32 = 4;

/// Lets many responders work on one incident: all succeed, nothing is lost or duplicated
#[derive(Clone, Debug, Args)]
pub(crate) struct HotIncident {
    /// How many responders work on the incident at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(2..=256))]
    responders: u16,
    /// For how long
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=120))]
    seconds: u16,
    /// How many server processes share the database
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
}

/// What came of the work of some responders.
#[derive(Debug, Default)]
struct Work {
    /// The marks of what was acknowledged.
    comments: Vec<String>,
    changes: Vec<String>,
    comment_latencies: Latencies,
    change_latencies: Latencies,
    /// How often which answer came other than those that say that it was done.
    refusals: BTreeMap<String, u64>,
    /// Requests whose answer did not come.
    unanswered: u64,
}

/// What the timeline should have and has not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Faults {
    lost: u64,
    twice: u64,
    unasked: u64,
    overwritten: u64,
}

impl Row for HotIncident {
    const NAME: &'static str = "hot-incident";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        let servers = stage.start_servers(self.processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        let tokens = responders(&stage, &servers[0], self.responders).await?;
        let mut admin = stage.admin(&servers[0]).await?;
        let path = format!("/api/v1/incidents/{}", admin.open_incident(FIRST_TITLE).await?);
        drop(admin);

        let window = Duration::from_secs(self.seconds.into());
        let alone_window = window / ALONE_PART;
        let alone = work_together(&addresses, &path, &tokens[..1], "alone", alone_window).await?;
        let together = work_together(&addresses, &path, &tokens, "together", window).await?;

        // The server has hung up meanwhile on whoever said nothing.
        let mut admin = stage.admin(&servers[0]).await?;
        let timeline = timeline_of(&mut admin, &path).await?;
        let incident = admin.read(&path).await?;
        let verdict = admin.read(&format!("{path}/logs/verify")).await?;
        let faults = faults(&timeline, [&alone, &together]);
        let changes = (alone.changes.len() + together.changes.len()) as u64;
        let mut verdicts = vec![
            Verdict::count("responders' requests that were refused", 0, alone.refused() + together.refused()),
            Verdict::count("requests that were not answered", 0, alone.unanswered + together.unanswered),
            Verdict::count("acknowledged and not in the timeline", 0, faults.lost),
            Verdict::count("twice in the timeline", 0, faults.twice),
            Verdict::count("in the timeline and never acknowledged", 0, faults.unasked),
            Verdict::count("changes made by somebody who had not seen the one before", 0, faults.overwritten),
            Verdict::count("the incident's version", 1 + changes, incident["version"].as_u64().unwrap_or_default()),
            Verdict::correctness(
                "the timeline",
                "whole".to_owned(),
                verdict["verdict"].as_str().unwrap_or_default().to_owned(),
                verdict["verdict"] == "whole",
            ),
        ];
        let part = per_second(together.done(), window) / per_second(alone.done(), alone_window).max(f64::EPSILON);
        verdicts.push(Verdict::timing(
            "throughput of all to that of one alone",
            format!("≥ {THROUGHPUT_PART_MIN}"),
            format!("{part:.2}"),
            part >= THROUGHPUT_PART_MIN,
        ));
        let mut circumstances = stage.circumstances();
        circumstances.push(("server processes", self.processes.to_string()));
        circumstances.push(("responders", self.responders.to_string()));
        circumstances.push(("seconds", self.seconds.to_string()));
        for (refusal, times) in alone.refusals.iter().chain(&together.refusals) {
            circumstances.push(("refused", format!("{refusal}, {times} times")));
        }
        let table = table([("one alone", alone, alone_window), ("all", together, window)]);
        Ok(Report { command: "hot-incident", circumstances, table, verdicts })
    }
}

/// The access tokens of so many responders, each a user of their own.
async fn responders(stage: &Stage, server: &Server, count: u16) -> anyhow::Result<Vec<String>> {
    let mut admin = stage.admin(server).await?;
    let mut tokens = Vec::with_capacity(count.into());
    for number in 0..count {
        let email = format!("responder-{number}@example.org");
        admin.create_user(&email).await?;
        tokens.push(Api::connect(server.address()).await?.sign_in(&email).await?.access);
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
    let mut working = JoinSet::new();
    let connections = Connection::open_many(addresses, tokens.len()).await?;
    let until = Instant::now() + window;
    for (number, (connection, token)) in connections.into_iter().zip(tokens).enumerate() {
        let mark = format!("{phase}-{number}");
        working.spawn(work(connection, path.to_owned(), token.clone(), mark, until));
    }
    let mut all = Work::default();
    while let Some(joined) = working.join_next().await {
        all.add(joined.context("a responder panicked")??);
    }
    Ok(all)
}

/// Comments and changes in turn until the time is over.
async fn work(
    mut connection: Connection,
    path: String,
    token: String,
    mark: String,
    until: Instant,
) -> anyhow::Result<Work> {
    let mut work = Work::default();
    for number in 0_u64.. {
        if Instant::now() >= until {
            break;
        }
        let mark = format!("{mark}-{number}");
        let is_comment = number % 2 == 0;
        let request = if is_comment {
            Request::post(&format!("{path}/logs"), &json!({"message": mark}))
        } else {
            Request::patch(&path, &json!({"title": mark}))
        };
        let request = request.by(&token).bytes();
        let sent = Instant::now();
        let Ok(answer) = timeout(ANSWER_TIME_MAX, connection.exchange(&request)).await else {
            work.unanswered += 1;
            break;
        };
        let (answer, took) = (answer?, sent.elapsed());
        match (answer.status(), is_comment) {
            (201, true) => {
                work.comments.push(mark);
                work.comment_latencies.record(took);
            }
            (200, false) => {
                work.changes.push(mark);
                work.change_latencies.record(took);
            }
            (status, _) => {
                let code = answer.json()?["detail"].as_str().unwrap_or_default().to_owned();
                *work.refusals.entry(format!("{status} {code}")).or_default() += 1;
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
        for (refusal, times) in other.refusals {
            *self.refusals.entry(refusal).or_default() += times;
        }
        self.unanswered += other.unanswered;
    }

    fn refused(&self) -> u64 {
        self.refusals.values().sum()
    }

    fn done(&self) -> u64 {
        (self.comments.len() + self.changes.len()) as u64
    }
}

fn per_second(done: u64, window: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "nobody writes that much")]
    let done = done as f64;
    done / window.as_secs_f64()
}

/// Compares what was acknowledged with what the timeline says.
fn faults(timeline: &[Value], all: [&Work; 2]) -> Faults {
    let mark_of = |entry: &Value| match entry["kind"].as_str() {
        Some("opened") => None,
        Some("commented") => Some(entry["message"].as_str().unwrap_or_default().to_owned()),
        _ => Some(entry["details"]["to"].as_str().unwrap_or_default().to_owned()),
    };
    let marks: Vec<String> = timeline.iter().filter_map(mark_of).collect();
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for mark in &marks {
        *seen.entry(mark).or_default() += 1;
    }
    let mut faults = Faults::default();
    for mark in all.iter().flat_map(|work| work.comments.iter().chain(&work.changes)) {
        match seen.remove(mark.as_str()) {
            None => faults.lost += 1,
            Some(1) => {}
            Some(_) => faults.twice += 1,
        }
    }
    faults.unasked = seen.len() as u64;
    faults.overwritten = u64::from(broken_titles(timeline, FIRST_TITLE).is_some());
    faults
}

fn table(phases: [(&'static str, Work, Duration); 2]) -> Table {
    let mut table = Table::new(&["responders", "work", "done", "done/s", "p50 ms", "p99 ms"]);
    for (name, work, window) in phases {
        for (what, latencies) in [("comment", work.comment_latencies), ("change", work.change_latencies)] {
            table.push([
                Cell::text(name),
                Cell::text(what),
                Cell::Count(latencies.count()),
                Cell::Figure(per_second(latencies.count(), window), 0),
                Cell::Figure(latencies.percentile_ms(0.5), 1),
                Cell::Figure(latencies.percentile_ms(0.99), 1),
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
    fn what_is_missing_twice_or_unasked_is_found() {
        let work = |comments: &[&str], changes: &[&str]| {
            let owned = |marks: &[&str]| marks.iter().map(|mark| (*mark).to_owned()).collect();
            Work { comments: owned(comments), changes: owned(changes), ..Work::default() }
        };
        let opened = json!({"kind": "opened", "details": {}});
        let (alone, together) = (work(&["a"], &["b"]), work(&["c"], &["d"]));
        let whole = [opened.clone(), commented("a"), renamed("hot", "b"), commented("c"), renamed("b", "d")];
        assert_eq!(faults(&whole, [&alone, &together]), Faults::default());
        let broken = [opened, commented("a"), commented("a"), commented("x"), renamed("hot", "d"), renamed("hot", "b")];
        let expected = Faults { lost: 1, twice: 1, unasked: 1, overwritten: 1 };
        assert_eq!(faults(&broken, [&alone, &together]), expected);
    }
}
