//! How many SQL statements a list of incidents with their timelines takes: always two, however many incidents there are
//! and however long their timelines. The statements are counted in the server's log.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Row, SpeedRow};
use crate::{
    client::{Api, Request},
    load::Latencies,
    report::Report,
    speed_table::{Judgement, Line, SpeedTable},
    testbed::{Server, TestBed, TestBedOptions},
};

/// One for the incidents, and one for all their timelines.
const STATEMENTS: u64 = 2;

/// How many incidents the lists have.
const LIST_SIZES: [u64; 3] = [1, 50, 200];

/// How many connections write the timelines.
const WRITERS: usize = 16;

/// A log is complete when nothing was added for this long.
const QUIET_TIME: Duration = Duration::from_millis(50);

/// How long a server may be busy after its start.
const SETTLE_TIME: Duration = Duration::from_secs(1);

/// The log target of statements.
const STATEMENT_TARGET: &str = "sqlx::query";

/// Counts the SQL statements of a list that includes timelines
#[derive(Clone, Debug, Args)]
pub(crate) struct Timelines {
    /// Entries of the longest timeline; the shortest has one
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=100))]
    entries: u64,
    /// Number of requests for each list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    requests: u32,
}

impl Row for Timelines {
    const NAME: &'static str = "timelines";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, Judgement::Judged).await?.into_report())
    }
}

impl SpeedRow for Timelines {
    const QUICK: &'static [&'static str] = &["--entries", "3", "--requests", "2"];

    async fn measure(&self, options: &TestBedOptions, _: Judgement) -> anyhow::Result<SpeedTable> {
        let mut testbed = TestBed::create(options, &[]).await?;
        let server = testbed.start_server()?;
        let token = testbed.admin_session(server.address()).await?;
        let most = LIST_SIZES.into_iter().max().unwrap_or_default();
        let lengths: Vec<u64> = (0..most).map(|nth| 1 + nth % self.entries).collect();
        write_timelines(server.address(), &token, &lengths).await?;
        drop(server);
        testbed.update_statistics().await?;

        testbed.change_settings(&[("DATABASE_ECHO", "true".to_owned()), ("LOG_FORMAT", "json".to_owned())]);
        let server = testbed.start_server()?;
        let mut api = testbed.admin(server.address()).await?;
        tokio::time::sleep(SETTLE_TIME).await;
        let mut lines = Vec::new();
        for size in LIST_SIZES {
            let mut latencies = Latencies::default();
            let mut worst = STATEMENTS;
            for _ in 0..self.requests {
                let (statements, took) = request_list(&mut api, &server, size).await?;
                latencies.record(took);
                // The one that is further from the expected count.
                if statements.abs_diff(STATEMENTS) > worst.abs_diff(STATEMENTS) {
                    worst = statements;
                }
            }
            let work = format!("list of {size} with timelines of 1 to {} entries", self.entries);
            lines.push(Line::new(work, latencies.figures()).with_count("statements", STATEMENTS, worst));
        }
        let requests = format!("{} times, with its statements logged", self.requests);
        Ok(SpeedTable { circumstances: testbed.circumstances().with("each list is requested", requests), lines })
    }
}

/// Requests a list; returns how many statements it took, without those that authenticate the caller, and how long.
async fn request_list(api: &mut Api, server: &Server, size: u64) -> anyhow::Result<(u64, Duration)> {
    // The log must not contain statements of earlier requests.
    let before = complete_log(server).await?.len();
    let sent = Instant::now();
    let page = api.read(&format!("/api/v1/incidents?cursor=&page_size={size}&include=logs")).await?;
    let took = sent.elapsed();
    let items = page["items"].as_array().context("a page without items")?;
    anyhow::ensure!(items.len() as u64 == size, "a list of {size} has {} items", items.len());
    let has_entries = |item: &Value| item["logs"].as_array().is_some_and(|entries| !entries.is_empty());
    anyhow::ensure!(items.iter().all(has_entries), "an incident without a timeline");
    let log = complete_log(server).await?;
    Ok((count_reads(log.get(before..).unwrap_or_default()), took))
}

/// Counts the statements in a part of the log that read, except those about the caller's session. Writes are the
/// server's own from time to time; a list cannot write, because its connections are read-only.
fn count_reads(log: &str) -> u64 {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let statements = lines.filter(|line| line["target"] == STATEMENT_TARGET).map(|line| {
        // A short statement is only in the summary.
        ["summary", "db.statement"].map(|member| line[member].as_str().unwrap_or_default().to_owned()).join(" ")
    });
    statements.filter(|statement| is_read(statement) && !is_about_the_session(statement)).count() as u64
}

fn is_read(statement: &str) -> bool {
    ["SELECT", "WITH"].iter().any(|word| statement.starts_with(word))
}

/// The server reads a session again every half second.
fn is_about_the_session(statement: &str) -> bool {
    let is_about = |table: &str| statement.contains(&format!("\"{table}\""));
    is_about("sessions") && !is_about("incidents") && !is_about("timeline_entries")
}

/// Returns the log when nothing more is written to it.
async fn complete_log(server: &Server) -> anyhow::Result<String> {
    let mut log = server.logged()?;
    loop {
        tokio::time::sleep(QUIET_TIME).await;
        let now = server.logged()?;
        if now.len() == log.len() {
            return Ok(now);
        }
        log = now;
    }
}

/// Opens incidents on several connections and comments each until its timeline has this length; returns their ids.
pub(super) async fn write_timelines(address: SocketAddr, token: &str, lengths: &[u64]) -> anyhow::Result<Vec<String>> {
    let mut writers = JoinSet::new();
    for lengths in lengths.chunks(lengths.len().div_ceil(WRITERS).max(1)) {
        let (token, lengths) = (token.to_owned(), lengths.to_vec());
        writers.spawn(async move {
            let mut api = Api::resume(address, &token).await?;
            let mut ids = Vec::new();
            for length in lengths {
                let id = api.open_incident("a long incident").await?;
                let path = format!("/api/v1/incidents/{id}/logs");
                let comment = Request::post(&path, &json!({"message": "still looking into it"})).by(&token).bytes();
                // The first entry is that of the opening.
                for _ in 1..length {
                    api.send(&comment).await?.expect_status(201)?;
                }
                ids.push(id);
            }
            anyhow::Ok(ids)
        });
    }
    let ids: Vec<Vec<String>> = writers.join_all().await.into_iter().collect::<anyhow::Result<_>>()?;
    Ok(ids.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_counted_except_those_about_the_session() {
        let line =
            |target, statement| json!({"target": target, "summary": "SELECT", "db.statement": statement}).to_string();
        let log = [
            line("sqlx::query", "SELECT * FROM \"incidents\""),
            line("sqlx::query", "SELECT * FROM \"timeline_entries\" WHERE …"),
            line("sqlx::query", "SELECT * FROM \"sessions\" JOIN \"users\" …"),
            line("sqlx::query", "SELECT 1").replace("\"summary\":\"SELECT\"", "\"summary\":\"UPDATE\""),
            line("incident_server", "SELECT * FROM \"incidents\""),
            "no JSON".to_owned(),
        ];
        assert_eq!(count_reads(&log.join("\n")), 2);
    }
}
