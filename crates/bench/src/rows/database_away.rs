//! The database goes away under load and comes back: meanwhile requests are refused with 503 or wait, afterwards the
//! same server serves them, and nothing that was acknowledged is lost.
//!
//! PostgreSQL is behind a proxy, which in turn breaks every connection and goes silent for a while; if asked to, it also
//! goes silent for ever on the connections that there were, as networks and failing machines do. SQLite is a file, which
//! another process locks.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use tokio::time::{sleep, timeout};

use crate::{
    campaign::{ANSWER_TIME_MAX, Sight, Team, TeamOptions},
    client::{Api, get},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Lock, Proxy, Server, Stage, StageOptions, StoreKind},
};

/// How long the server may take to serve again when the database is back.
const RECOVERY_TIME_MAX: Duration = Duration::from_secs(20);

/// Between two looks at whether it serves again, or says that it cannot.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// Interrupts the database under load: 503 during the outage, recovery afterwards, no loss
#[derive(Clone, Debug, Args)]
pub(crate) struct DatabaseAway {
    /// How often the database goes away
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// How long the database works in between
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(100..=10_000))]
    works_ms: u16,
    /// How long it is away; a lock on SQLite is waited for 5 seconds
    #[arg(long, value_name = "MS", default_value_t = 7000, value_parser = clap::value_parser!(u16).range(100..=60_000))]
    away_ms: u16,
    /// Let PostgreSQL's old connections stay silent for ever, every third time, without being told that they are broken
    #[arg(long)]
    silent_for_ever: bool,
    #[command(flatten)]
    team: TeamOptions,
}

/// How the database goes away.
enum Line {
    Proxy(Proxy),
    File,
}

/// What is to be undone so that it comes back.
enum Away {
    Cut,
    Silent,
    SilentForEver,
    Locked(Lock),
}

/// What was seen of all rounds.
#[derive(Default)]
struct Rounds {
    recovered: u64,
    refused: u64,
    not_ready: u64,
    recovery: Latencies,
}

impl Row for DatabaseAway {
    const NAME: &'static str = "database-away";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let seed = self.team.seed();
        let kind = stage.store;
        let mut stage = Stage::set_up(stage, &[("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned())]).await?;
        let mut line = Line::File;
        if kind == StoreKind::Postgres {
            let (proxy, url) = Proxy::in_front_of(&stage.database_url()).await?;
            stage.change_settings(&[("DATABASE_URL", url)]);
            line = Line::Proxy(proxy);
        }
        let mut server = stage.start_server()?;
        let mut team = Team::assemble(&stage, &server, self.team.clients, seed).await?;
        let mut sight = Sight::open(server.address(), &team.admin_token).await?;
        let mut rounds = Rounds::default();

        for round in 0..self.rounds {
            team.line.up([server.address()]);
            sleep(Duration::from_millis(self.works_ms.into())).await;
            let refused_before = refused(&team);
            let away = line.away(&stage, self.way(round)).await?;
            rounds.not_ready += watch_readiness(&server, Duration::from_millis(self.away_ms.into())).await?;
            line.back(away).await?;
            rounds.refused += refused(&team) - refused_before;
            if let Some(took) = recovery(&team).await {
                rounds.recovered += 1;
                rounds.recovery.record(took);
            }
            team.pause().await?;
            sight.move_to(server.address(), &team.admin_token).await?;
            team.check_touched(&mut sight).await?;
        }
        team.line.up([server.address()]);
        team.finish().await?;
        sight.move_to(server.address(), &team.admin_token).await?;
        team.check_all(&mut sight).await?;
        anyhow::ensure!(server.is_running()?, "the server has ended by itself");
        Ok(report(&stage, self, seed, rounds, &team))
    }
}

/// The ways in which a proxy takes a database away.
#[derive(Clone, Copy)]
enum Way {
    Cut,
    Silent,
    SilentForEver,
}

impl DatabaseAway {
    fn way(&self, round: u16) -> Way {
        let ways: &[Way] =
            if self.silent_for_ever { &[Way::Cut, Way::Silent, Way::SilentForEver] } else { &[Way::Cut, Way::Silent] };
        ways[usize::from(round) % ways.len()]
    }
}

impl Line {
    async fn away(&mut self, stage: &Stage, way: Way) -> anyhow::Result<Away> {
        Ok(match (self, way) {
            (Self::Proxy(proxy), Way::Cut) => {
                proxy.cut().await;
                Away::Cut
            }
            (Self::Proxy(proxy), Way::Silent) => {
                proxy.go_silent();
                Away::Silent
            }
            (Self::Proxy(proxy), Way::SilentForEver) => {
                proxy.go_silent();
                Away::SilentForEver
            }
            (Self::File, _) => Away::Locked(stage.lock_database().await?),
        })
    }

    async fn back(&mut self, away: Away) -> anyhow::Result<()> {
        match (self, away) {
            (Self::Proxy(proxy), Away::Cut | Away::Silent) => proxy.restore().await,
            (Self::Proxy(proxy), Away::SilentForEver) => {
                proxy.restore_without_the_old();
                Ok(())
            }
            (_, Away::Locked(lock)) => lock.release().await,
            (Self::File, _) => Ok(()),
        }
    }
}

fn refused(team: &Team) -> u64 {
    team.tally(|tally| tally.failed.values().sum())
}

/// How often the server says that no requests should be sent, while the database is away. A silent database may leave
/// this without an answer for a while, but not for ever.
async fn watch_readiness(server: &Server, window: Duration) -> anyhow::Result<u64> {
    let until = Instant::now() + window;
    let mut not_ready = 0;
    while Instant::now() < until {
        let mut api = Api::connect(server.address()).await?;
        let asked = timeout(ANSWER_TIME_MAX, api.reply(&get("/health/ready", None))).await;
        let reply = asked.context("readiness was not answered in time")??;
        not_ready += u64::from(reply.status() == 503 && reply.is_problem());
        sleep(Duration::from_millis(50)).await;
    }
    Ok(not_ready)
}

/// How long it takes until the next command is acknowledged.
async fn recovery(team: &Team) -> Option<Duration> {
    let back = Instant::now();
    let before = team.tally(|tally| tally.acknowledged);
    while team.tally(|tally| tally.acknowledged) == before {
        if back.elapsed() > RECOVERY_TIME_MAX {
            return None;
        }
        sleep(LOOK_PAUSE).await;
    }
    Some(back.elapsed())
}

fn report(stage: &Stage, options: &DatabaseAway, seed: u64, rounds: Rounds, team: &Team) -> Report {
    let mut table = Table::new(&["what", "figure"]);
    table.push([Cell::text("times that the database was away"), Cell::Count(options.rounds.into())]);
    table.push([Cell::text("requests refused with 503 meanwhile"), Cell::Count(rounds.refused)]);
    table.push([Cell::text("answers of /health/ready that say so"), Cell::Count(rounds.not_ready)]);
    for (what, part) in [("median", 0.5), ("most", 1.0)] {
        let what = format!("until the first command was acknowledged again: {what} ms");
        table.push([Cell::text(what), Cell::Figure(rounds.recovery.percentile_ms(part), 0)]);
    }
    let longest_ms = team.tally(|tally| tally.longest.as_secs_f64() * 1000.0);
    table.push([Cell::text("longest answer of all, ms"), Cell::Figure(longest_ms, 0)]);
    for (what, count) in team.counts() {
        table.push([Cell::text(what), Cell::Count(count)]);
    }
    let limit = RECOVERY_TIME_MAX.as_secs();
    let mut verdicts = vec![Verdict::count(
        format!("times that the server served again within {limit} s"),
        options.rounds.into(),
        rounds.recovered,
    )];
    let was_told = rounds.refused > 0;
    let what = "requests refused with 503 meanwhile";
    verdicts.push(Verdict::timing(what, "> 0".to_owned(), rounds.refused.to_string(), was_told));
    verdicts.extend(team.verdicts());
    let mut circumstances = stage.circumstances();
    circumstances.push(("seed", seed.to_string()));
    circumstances.push(("clients", options.team.clients.to_string()));
    circumstances.push(("away for", format!("{} ms", options.away_ms)));
    Report { command: "database-away", circumstances, table, verdicts }
}
