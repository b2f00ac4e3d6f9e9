//! How soon a second server knows that a session has ended.
//!
//! Two server processes share a PostgreSQL. Several connections to both use one session without a pause; then it is
//! ended on the first. What is measured is for how long the second still answers.

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

use crate::{
    client::{Api, Connection, get},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Stage, StageOptions, StoreKind},
};

/// How long the second server may still accept a session that has ended.
const ACCEPTED_MS_MAX: f64 = 1000.0;

/// For how long the session is used before it is ended, and at most as much more: so that it is ended at any
/// moment between two looks of the second server at the database.
const USED_BEFORE_MS: u64 = 300;

/// For how long is watched after it was ended.
const WATCHED: Duration = Duration::from_millis(1500);

/// How many connections use the session on each server.
const CONNECTIONS: usize = 4;

const EMAIL: &str = "traveller@example.org";

/// Measures how long a second server accepts a session that has ended (PostgreSQL)
#[derive(Clone, Debug, Args)]
pub(crate) struct Revocation {
    /// How many sessions are ended, one after the other
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..=200))]
    rounds: u16,
}

/// What connections to one server saw of a session.
#[derive(Clone, Copy, Debug, Default)]
struct Sight {
    /// When the last answer came that accepted it.
    accepted_until: Option<Instant>,
    /// When the last request was sent that was accepted.
    accepted_sent: Option<Instant>,
    refused: u64,
}

impl Sight {
    fn add(&mut self, other: Self) {
        self.accepted_until = self.accepted_until.max(other.accepted_until);
        self.accepted_sent = self.accepted_sent.max(other.accepted_sent);
        self.refused += other.refused;
    }
}

impl Row for Revocation {
    const NAME: &'static str = "revocation";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        anyhow::ensure!(stage.store == StoreKind::Postgres, "several servers share a PostgreSQL: add --store postgres");
        let stage = Stage::set_up(stage, &[]).await?;
        let (first, second) = (stage.start_server()?, stage.start_server()?);
        stage.admin(&first).await?.create_user(EMAIL).await?;

        let mut accepted_after = Latencies::default();
        let (mut accepted_by_first, mut never_refused) = (0, 0);
        for _ in 0..self.rounds {
            let (ended, on_first, on_second) = end_a_session(first.address(), second.address()).await?;
            let accepted_until = on_second.accepted_until.context("the second server never accepted the session")?;
            accepted_after.record(accepted_until.saturating_duration_since(ended));
            accepted_by_first += u64::from(on_first.accepted_sent.is_some_and(|sent| sent > ended));
            never_refused += u64::from(on_second.refused == 0) + u64::from(on_first.refused == 0);
        }
        let mut table = Table::new(&["ended sessions", "rounds", "median ms", "p90 ms", "most ms"]);
        let most_ms = accepted_after.percentile_ms(1.0);
        table.push([
            Cell::text("accepted by the second server after the 204"),
            Cell::Count(accepted_after.count()),
            Cell::Figure(accepted_after.percentile_ms(0.5), 0),
            Cell::Figure(accepted_after.percentile_ms(0.9), 0),
            Cell::Figure(most_ms, 0),
        ]);
        let verdicts = vec![
            Verdict::timing(
                "longest time that the second server accepted an ended session",
                format!("< {ACCEPTED_MS_MAX:.0} ms"),
                format!("{most_ms:.0} ms"),
                most_ms < ACCEPTED_MS_MAX,
            ),
            Verdict::count(
                "rounds in which the first server accepted what was sent after its 204",
                0,
                accepted_by_first,
            ),
            Verdict::count("servers that still accepted it at the end of a round", 0, never_refused),
        ];
        let mut circumstances = stage.circumstances();
        circumstances.push(("connections to each of 2 servers", CONNECTIONS.to_string()));
        Ok(Report { command: "revocation", circumstances, table, verdicts })
    }
}

/// Ends a session on the first server while both are asked without a pause; answers when that was acknowledged.
async fn end_a_session(first: SocketAddr, second: SocketAddr) -> anyhow::Result<(Instant, Sight, Sight)> {
    let (mut traveller, mut at_home) = (Api::connect(first).await?, Api::connect(first).await?);
    let token = traveller.sign_in(EMAIL).await?.access;
    let session = traveller.own_session().await?;
    at_home.sign_in(EMAIL).await?;

    let request: Arc<[u8]> = get("/api/v1/users/me", Some(&token)).into();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut using = JoinSet::new();
    for server in [first, second] {
        for connection in Connection::open_many(&[server], CONNECTIONS).await? {
            let watching = watch(connection, Arc::clone(&request), Arc::clone(&is_over));
            using.spawn(async move { anyhow::Ok((server, watching.await?)) });
        }
    }
    let used_before_ms = fastrand::u64(USED_BEFORE_MS..=3 * USED_BEFORE_MS);
    sleep(Duration::from_millis(used_before_ms)).await;
    at_home.end_session(&session).await?;
    let ended = Instant::now();
    sleep(WATCHED).await;
    is_over.store(true, Ordering::Relaxed);

    let (mut on_first, mut on_second) = (Sight::default(), Sight::default());
    while let Some(joined) = using.join_next().await {
        let (server, sight) = joined.context("a connection's task panicked")??;
        if server == first { on_first.add(sight) } else { on_second.add(sight) }
    }
    Ok((ended, on_first, on_second))
}

/// Uses a session until the round is over.
async fn watch(mut connection: Connection, request: Arc<[u8]>, is_over: Arc<AtomicBool>) -> anyhow::Result<Sight> {
    let mut sight = Sight::default();
    while !is_over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        match answer.status() {
            200 => {
                sight.accepted_until = Some(Instant::now());
                sight.accepted_sent = Some(sent);
                sight.refused = 0;
            }
            401 => sight.refused += 1,
            status => anyhow::bail!("the answer is {status}: {}", answer.text()),
        }
    }
    Ok(sight)
}
