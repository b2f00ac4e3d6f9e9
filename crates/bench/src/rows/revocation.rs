//! How long a second server accepts a session that has ended.
//!
//! Two server processes share a PostgreSQL database. Several connections to both use one session without a pause; then
//! it is ended on the first server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::{task::JoinSet, time::sleep};

use super::Row;
use crate::{
    client::{Api, Connection, Request},
    load::Latencies,
    report::{Cell, Report, Table, cells},
    testbed::{StoreKind, TestBed, TestBedOptions},
    verdict::{Target, Unit, Verdict},
};

/// How long the second server may accept a session that has ended.
const ACCEPTED: Target = Target::AtMost(1000.0, Unit::Milliseconds);

/// The session is used for one to three times as long before it is ended, so that this happens at any moment between two
/// reads of the session by the second server.
const USED_BEFORE_MS: u64 = 300;

/// How long the session is used after it was ended.
const USED_AFTER: Duration = Duration::from_millis(1500);

/// How many connections use the session on each server.
const CONNECTIONS: usize = 4;

const EMAIL: &str = "traveller@example.org";

/// Measures how long a second server accepts a session that has ended (PostgreSQL)
#[derive(Clone, Debug, Args)]
pub(crate) struct Revocation {
    /// Number of sessions
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..=200))]
    rounds: u16,
}

/// The use of a session on one server.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    /// When the last accepting response came.
    accepted_until: Option<Instant>,
    /// When the last accepted request was sent.
    accepted_sent: Option<Instant>,
    /// Refusals after that.
    refused: u64,
}

impl Use {
    fn add(&mut self, other: Self) {
        self.accepted_until = self.accepted_until.max(other.accepted_until);
        self.accepted_sent = self.accepted_sent.max(other.accepted_sent);
        self.refused += other.refused;
    }
}

impl Row for Revocation {
    const NAME: &'static str = "revocation";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let is_shared = options.store == StoreKind::Postgres;
        anyhow::ensure!(is_shared, "several servers need a PostgreSQL database: add --store postgres");
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(2)?;
        let (first, second) = (addresses[0], addresses[1]);
        testbed.admin(first).await?.create_user(EMAIL).await?;

        let mut accepted = Latencies::default();
        let (mut accepted_by_first, mut never_refused) = (0, 0);
        for _ in 0..self.rounds {
            let (ended, on_first, on_second) = end_a_session(first, second).await?;
            let accepted_until = on_second.accepted_until.context("the second server never accepted the session")?;
            accepted.record(accepted_until.saturating_duration_since(ended));
            accepted_by_first += u64::from(on_first.accepted_sent.is_some_and(|sent| sent > ended));
            never_refused += u64::from(on_second.refused == 0) + u64::from(on_first.refused == 0);
        }
        let mut table = Table::new(&["ended sessions", "rounds", "median ms", "p90 ms", "most ms"]);
        table.push(cells![
            "accepted by the second server after the 204",
            accepted.count(),
            Cell::Figure(accepted.p50_ms(), 0),
            Cell::Figure(accepted.percentile_ms(0.9), 0),
            Cell::Figure(accepted.max_ms(), 0)
        ]);
        let verdicts = vec![
            Verdict::timing(
                "longest time that the second server accepted an ended session",
                ACCEPTED,
                accepted.max_ms(),
            ),
            Verdict::exactly("rounds in which the first server accepted a request after its 204", 0, accepted_by_first),
            Verdict::exactly("servers that still accepted the session at the end of a round", 0, never_refused),
        ];
        let circumstances = testbed.circumstances().with("connections to each of 2 servers", CONNECTIONS);
        Ok(Report { circumstances, table, verdicts })
    }
}

/// Ends a session on the first server while it is used on both; returns when the end was acknowledged.
async fn end_a_session(first: SocketAddr, second: SocketAddr) -> anyhow::Result<(Instant, Use, Use)> {
    let (mut used, mut other) = (Api::connect(first).await?, Api::connect(first).await?);
    let token = used.sign_in(EMAIL).await?.access;
    let session = used.current_session().await?;
    other.sign_in(EMAIL).await?;

    let request: Arc<[u8]> = Request::get("/api/v1/users/me").by(&token).bytes().into();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut users = JoinSet::new();
    for server in [first, second] {
        for connection in Connection::open_many(&[server], CONNECTIONS).await? {
            users.spawn(use_session(connection, Arc::clone(&request), Arc::clone(&is_over)));
        }
    }
    let used_before_ms = fastrand::u64(USED_BEFORE_MS..=3 * USED_BEFORE_MS);
    sleep(Duration::from_millis(used_before_ms)).await;
    other.end_session(&session).await?;
    let ended = Instant::now();
    sleep(USED_AFTER).await;
    is_over.store(true, Ordering::Relaxed);

    let (mut on_first, mut on_second) = (Use::default(), Use::default());
    for used in users.join_all().await {
        let (server, used) = used?;
        if server == first { on_first.add(used) } else { on_second.add(used) }
    }
    Ok((ended, on_first, on_second))
}

/// Uses a session until the round is over; returns the server and what it did.
async fn use_session(
    mut connection: Connection,
    request: Arc<[u8]>,
    is_over: Arc<AtomicBool>,
) -> anyhow::Result<(SocketAddr, Use)> {
    let mut used = Use::default();
    while !is_over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        let response = connection.exchange(&request).await?;
        match response.status() {
            200 => used = Use { accepted_until: Some(Instant::now()), accepted_sent: Some(sent), refused: 0 },
            401 => used.refused += 1,
            status => anyhow::bail!("the response is {status}: {}", response.text()),
        }
    }
    Ok((connection.address(), used))
}
