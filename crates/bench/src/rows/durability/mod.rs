//! What is acknowledged is on the disk before: shown for every single write, and with a control in which the same check
//! must fail.
//!
//! With SQLite the server runs under strace, which sees every system call in the order in which they happened. Between
//! reading a request and beginning to write its 2xx the write-ahead log must have been written and flushed, in this
//! order. The control runs with `synchronous=NORMAL`.
//!
//! With PostgreSQL the flush happens in a process that is not ours. Its own log tells where each transaction's commit
//! record ends; and right after each 2xx the database is asked how far its log is flushed, which must be beyond that.
//! The control runs with `synchronous_commit=off`. That the flush reaches the disk is PostgreSQL's word (`fsync=on`).

mod postgres;
mod strace;
mod trace;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::{
    client::{Api, Reply, Request},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions, StoreKind},
};

/// Shows that each write is flushed before it is acknowledged, with a control (SQLite: needs strace)
#[derive(Clone, Debug, Args)]
pub(crate) struct Durability {
    /// How many writes are looked at
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(3..=10_000))]
    writes: u16,
    /// How many writes are looked at in the control
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(3..=10_000))]
    control_writes: u16,
}

/// What was seen of some writes that were acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flushes {
    /// Flushed before they were acknowledged.
    before: u64,
    /// Not so.
    not_before: u64,
    /// Nothing was seen of how they were stored: then nothing is shown.
    unseen: u64,
}

impl Flushes {
    const fn count(self) -> u64 {
        self.before + self.not_before + self.unseen
    }
}

impl Row for Durability {
    const NAME: &'static str = "durability";

    async fn run(&self, options: &StageOptions) -> anyhow::Result<Report> {
        let (stage, real, control, share_min) = match options.store {
            StoreKind::Sqlite => {
                let (stage, real, control) = strace::run(options, self).await?;
                // The log is flushed now and then also when it need not be.
                (stage, real, control, 0.5)
            }
            StoreKind::Postgres => {
                let (stage, real, control) = postgres::run(options, self).await?;
                // Whatever else the database server commits flushes the log for all.
                (stage, real, control, 0.1)
            }
        };
        let mut table = Table::new(&["writes", "acknowledged", "flushed before", "not flushed before", "not seen"]);
        for (name, flushes) in [("as the server runs", real), ("the control", control)] {
            table.push([
                Cell::text(name),
                Cell::Count(flushes.count()),
                Cell::Count(flushes.before),
                Cell::Count(flushes.not_before),
                Cell::Count(flushes.unseen),
            ]);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let share = control.not_before as f64 / control.count().max(1) as f64;
        let verdicts = vec![
            Verdict::count("acknowledged writes that were flushed before", self.writes.into(), real.before),
            Verdict::count("writes of the control that were acknowledged", self.control_writes.into(), control.count()),
            Verdict::correctness(
                "part of the control that the check finds not flushed",
                format!("≥ {share_min}"),
                format!("{share:.2}"),
                share >= share_min,
            ),
        ];
        let mut circumstances = stage.circumstances;
        circumstances.extend(stage.told);
        Ok(Report { command: "durability", circumstances, table, verdicts })
    }
}

/// Under which circumstances was measured.
struct Told {
    circumstances: Vec<(&'static str, String)>,
    /// What the database says of itself.
    told: Vec<(&'static str, String)>,
}

/// Sends writes, one after the other, on one connection.
struct Sender {
    api: Api,
    token: String,
    path: String,
}

impl Sender {
    async fn start(stage: &Stage, server: &Server) -> anyhow::Result<Self> {
        let token = stage.admin_session(server).await?;
        Ok(Self { api: Api::resume(server.address(), &token).await?, token, path: String::new() })
    }

    /// Opens an incident, comments it, or changes it, in turn; the mark is its request id.
    async fn write(&mut self, number: u16, mark: &str) -> anyhow::Result<Reply> {
        let request = match number % 3 {
            0 => Request::post("/api/v1/incidents", &json!({"title": mark})),
            1 => Request::post(&format!("{}/logs", self.path), &json!({"message": mark})),
            _ => Request::patch(&self.path, &json!({"title": format!("renamed by {mark}")})),
        };
        let request = request.by(&self.token).once(mark).with("x-request-id", mark).bytes();
        let reply = self.api.reply(&request).await?;
        anyhow::ensure!((200..300).contains(&reply.status()), "{mark} was answered with {}", reply.text());
        if number.is_multiple_of(3) {
            reply.header("location").context("no location")?.clone_into(&mut self.path);
        }
        Ok(reply)
    }
}
