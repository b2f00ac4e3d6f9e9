//! How many statements the server sends to the database for a list of incidents with their timelines: always two,
//! however many incidents there are and however long their timelines. They are counted in the server's own log.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    client::{Api, Connection, Request},
    load::Latencies,
    report::Report,
    rows::Row,
    score::{Figures, Line, Score},
    stage::{Server, Stage, StageOptions},
};

/// One for the incidents, one for the timelines of all of them.
const STATEMENTS: u64 = 2;

/// How many incidents the lists have.
const SIZES: [u64; 3] = [1, 50, 200];

/// How many connections write the timelines.
const WRITERS: usize = 16;

/// A log in which nothing new has appeared for so long is complete.
const QUIET: Duration = Duration::from_millis(50);

/// How long a server that has just started may be busy with itself.
const SETTLE: Duration = Duration::from_secs(1);

/// How the server's log marks a statement.
const STATEMENT_TARGET: &str = "sqlx::query";

/// Counts the SQL statements of a list that includes timelines
#[derive(Clone, Debug, Args)]
pub(crate) struct Timelines {
    /// The longest timeline; the shortest has one entry
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=100))]
    entries: u64,
    /// How often each list is asked for
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    requests: u32,
}

impl Row for Timelines {
    const NAME: &'static str = "timelines";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self).await?.into_report("timelines"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, options: &Timelines) -> anyhow::Result<Score> {
    let mut stage = Stage::set_up(stage, &[]).await?;
    let writing = stage.start_server()?;
    let token = stage.admin_session(&writing).await?;
    write(writing.address(), &token, options.entries).await?;
    drop(writing);
    stage.settle().await?;

    stage.change_settings(&[("DATABASE_ECHO", "true".to_owned()), ("LOG_FORMAT", "json".to_owned())]);
    let server = stage.start_server()?;
    let mut api = stage.admin(&server).await?;
    tokio::time::sleep(SETTLE).await;
    let mut lines = Vec::new();
    for size in SIZES {
        let mut latencies = Latencies::default();
        let mut worst = STATEMENTS;
        for _ in 0..options.requests {
            let (statements, took) = statements_of_a_list(&mut api, &server, size).await?;
            latencies.record(took);
            // Whichever is further from what it should be.
            if statements.abs_diff(STATEMENTS) > worst.abs_diff(STATEMENTS) {
                worst = statements;
            }
        }
        let figures = Figures {
            p50_ms: Some(latencies.percentile_ms(0.50)),
            p99_ms: Some(latencies.percentile_ms(0.99)),
            ..Figures::default()
        };
        let work = format!("list of {size} with timelines of 1 to {} entries", options.entries);
        lines.push(Line::new(work, figures).counted("statements", STATEMENTS, worst));
    }
    let mut circumstances = stage.circumstances();
    circumstances.push(("each list is asked for", format!("{} times, with its statements logged", options.requests)));
    Ok(Score { circumstances, lines })
}

/// Asks for a list, and answers how many statements that took, without those by which the caller is recognised, and how
/// long.
async fn statements_of_a_list(api: &mut Api, server: &Server, size: u64) -> anyhow::Result<(u64, Duration)> {
    // So that nothing is logged that belongs to what was before.
    let before = settled_log(server).await?.len();
    let begun = std::time::Instant::now();
    let page = api.read(&format!("/api/v1/incidents?cursor=&page_size={size}&include=logs")).await?;
    let took = begun.elapsed();
    let items = page["items"].as_array().context("a page without items")?;
    anyhow::ensure!(items.len() as u64 == size, "a list of {size} has {} items", items.len());
    let with_entries = |item: &Value| item["logs"].as_array().is_some_and(|entries| !entries.is_empty());
    anyhow::ensure!(items.iter().all(with_entries), "an incident without a timeline");
    let log = settled_log(server).await?;
    Ok((statements(log.get(before..).unwrap_or_default()), took))
}

/// How many statements a part of the log tells of that read something, but for those about who asks. The server writes
/// by itself from time to time; a list cannot, since it reads through connections that may not write.
fn statements(log: &str) -> u64 {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let statements = lines.filter(|line| line["target"] == STATEMENT_TARGET).map(|line| {
        // One that is short stands in the summary alone.
        ["summary", "db.statement"].map(|member| line[member].as_str().unwrap_or_default().to_owned()).join(" ")
    });
    statements.filter(|statement| reads(statement) && !is_about_who_asks(statement)).count() as u64
}

fn reads(statement: &str) -> bool {
    ["SELECT", "WITH"].iter().any(|word| statement.starts_with(word))
}

/// A session is read anew every half second.
fn is_about_who_asks(statement: &str) -> bool {
    let is_about = |table: &str| statement.contains(&format!("\"{table}\""));
    is_about("sessions") && !is_about("incidents") && !is_about("timeline_entries")
}

/// The log once nothing more is written to it.
async fn settled_log(server: &Server) -> anyhow::Result<String> {
    let mut log = server.logged()?;
    loop {
        tokio::time::sleep(QUIET).await;
        let now = server.logged()?;
        if now.len() == log.len() {
            return Ok(now);
        }
        log = now;
    }
}

/// Opens as many incidents as the largest list has, with timelines of all lengths.
async fn write(address: SocketAddr, token: &str, entries: u64) -> anyhow::Result<()> {
    let most = SIZES.into_iter().max().unwrap_or_default();
    let mut writing = JoinSet::new();
    for writer in 0..WRITERS {
        let token = token.to_owned();
        writing.spawn(async move {
            let mut api = Api::resume(address, &token).await?;
            let mut connection = Connection::open(address).await?;
            for nth in (writer as u64..most).step_by(WRITERS) {
                let id = api.open_incident(&format!("incident {nth}")).await?;
                let path = format!("/api/v1/incidents/{id}/logs");
                let request = Request::post(&path, &json!({"message": "still looking into it"})).by(&token).bytes();
                // The first entry tells that it was opened.
                for _ in 0..nth % entries {
                    let answer = connection.exchange(&request).await?;
                    anyhow::ensure!(answer.status() == 201, "a comment is answered {}", answer.text());
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(joined) = writing.join_next().await {
        joined.context("a writer panicked")??;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_counted_but_for_those_about_who_asks() {
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
        assert_eq!(statements(&log.join("\n")), 2);
    }
}
