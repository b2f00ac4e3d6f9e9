//! Shows for every single write that it is flushed before it is acknowledged, with a control in which the same check
//! must fail.
//!
//! With SQLite the server runs under strace, which records all system calls in order. Between reading a request and
//! beginning to write its 2xx, the write-ahead log must be written and then flushed. The control runs with
//! `synchronous=NORMAL`.
//!
//! With PostgreSQL another process flushes. Its log contains where each transaction's commit record ends, and right
//! after each 2xx the database is queried how far its log is flushed, which must be beyond that. The control runs with
//! `synchronous_commit=off`. That a flush reaches the disk is what PostgreSQL reports (`fsync=on`).

mod postgres;
mod strace;
mod trace;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::Row;
use crate::{
    client::{Api, Request},
    report::{Circumstances, Report, Table, cells},
    testbed::{Server, StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// Shows that each write is flushed before it is acknowledged, with a control (SQLite: needs strace)
#[derive(Clone, Debug, Args)]
pub(crate) struct Durability {
    /// Number of writes
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(3..=10_000))]
    writes: u16,
    /// Number of writes of the control
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(3..=10_000))]
    control_writes: u16,
}

/// Acknowledged writes, by when they were flushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flushes {
    /// Before they were acknowledged.
    before: u64,
    not_before: u64,
    /// Nothing was seen of how they were stored.
    unseen: u64,
}

impl Flushes {
    const fn count(self) -> u64 {
        self.before + self.not_before + self.unseen
    }
}

/// The flushes of the server's own settings and of the control.
struct Observed {
    circumstances: Circumstances,
    real: Flushes,
    control: Flushes,
}

impl Row for Durability {
    const NAME: &'static str = "durability";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let (observed, share_min) = match options.store {
            // SQLite also flushes the log when it need not.
            StoreKind::Sqlite => (strace::observe(options, self).await?, 0.5),
            // Any other commit on the database server flushes the log for all.
            StoreKind::Postgres => (postgres::observe(options, self).await?, 0.1),
        };
        let Observed { circumstances, real, control } = observed;
        let mut table = Table::new(&["writes", "acknowledged", "flushed before", "not flushed before", "not seen"]);
        for (name, flushes) in [("as the server runs", real), ("the control", control)] {
            table.push(cells![name, flushes.count(), flushes.before, flushes.not_before, flushes.unseen]);
        }
        let share = units::figure(control.not_before) / units::figure(control.count().max(1));
        let verdicts = vec![
            Verdict::exactly("acknowledged writes that were flushed before", self.writes.into(), real.before),
            Verdict::exactly("acknowledged writes of the control", self.control_writes.into(), control.count()),
            Verdict::guarantee(
                "writes of the control that the check finds not flushed",
                Target::AtLeast(share_min, Unit::Percent),
                share,
            ),
        ];
        Ok(Report { circumstances, table, verdicts })
    }
}

/// Sends writes, one after the other, on one connection.
struct Writer {
    api: Api,
    token: String,
    /// The path of the incident opened last.
    path: String,
}

impl Writer {
    async fn connect(testbed: &TestBed, server: &Server) -> anyhow::Result<Self> {
        let token = testbed.admin_session(server.address()).await?;
        Ok(Self { api: Api::resume(server.address(), &token).await?, token, path: String::new() })
    }

    /// Opens an incident, comments it, or changes it, in turn; the marker is the request id.
    async fn write(&mut self, number: u16, marker: &str) -> anyhow::Result<()> {
        let request = match number % 3 {
            0 => Request::post("/api/v1/incidents", &json!({"title": marker})),
            1 => Request::post(&format!("{}/logs", self.path), &json!({"message": marker})),
            _ => Request::patch(&self.path, &json!({"title": format!("renamed by {marker}")})),
        };
        let request = request.by(&self.token).with_key(marker).with("x-request-id", marker).bytes();
        let response = self.api.send(&request).await?;
        anyhow::ensure!((200..300).contains(&response.status()), "the response to {marker} is {}", response.text());
        if number.is_multiple_of(3) {
            response.header("location").context("no location")?.clone_into(&mut self.path);
        }
        Ok(())
    }
}
