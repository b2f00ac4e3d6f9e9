//! Readers who follow the event log while many write, on every server of a database: each sees every event once, in
//! order, and misses none.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    campaign::{Finding, Property, Sight, Team, TeamOptions},
    report::{Cell, Report, Table},
    rows::Row,
    stage::{Server, Stage, StageOptions, StoreKind},
};

/// How long a reader has to catch up when the last event was written.
const CATCH_UP_TIME_MAX: Duration = Duration::from_secs(10);

/// Follows the event log while many clients write: each reader sees each event once, in order
#[derive(Clone, Debug, Args)]
pub(crate) struct Events {
    /// How long events are written
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    seconds: u16,
    /// How many readers follow on each server
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    readers: u8,
    /// How many server processes share the database [default: 2 on PostgreSQL, 1 on SQLite]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: Option<u8>,
    #[command(flatten)]
    team: TeamOptions,
}

/// What a reader saw, and how often it asked.
struct Followed {
    sight: Sight,
    findings: Vec<Finding>,
    looks: u64,
}

impl Row for Events {
    const NAME: &'static str = "events";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let seed = self.team.seed();
        let processes = self.processes.unwrap_or(if stage.store == StoreKind::Postgres { 2 } else { 1 });
        let stage = Stage::set_up(stage, &[]).await?;
        let servers = stage.start_servers(processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        let mut team = Team::assemble(&stage, &servers[0], self.team.clients, seed).await?;

        let is_over = Arc::new(AtomicBool::new(false));
        let mut reading = JoinSet::new();
        for address in addresses.iter().cycle().take(addresses.len() * usize::from(self.readers)) {
            let sight = Sight::open(*address, &team.admin_token).await?;
            reading.spawn(follow(sight, Arc::clone(&is_over)));
        }
        team.line.up(addresses.iter().copied());
        sleep(Duration::from_secs(self.seconds.into())).await;
        team.finish().await?;
        // Whatever is read from now on, everything was acknowledged before.
        is_over.store(true, Ordering::Relaxed);

        let mut judge = Sight::open(addresses[0], &team.admin_token).await?;
        judge.follow().await?;
        let mut looks = 0;
        let mut readers = Vec::new();
        let all = async {
            while let Some(joined) = reading.join_next().await {
                let followed = joined.context("a reader panicked")??;
                looks += followed.looks;
                readers.push(followed);
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(CATCH_UP_TIME_MAX, all).await.context("a reader does not come to an end")??;
        for Followed { sight, findings, .. } in readers {
            for finding in findings {
                team.find(finding);
            }
            if !sight.has_read_the_same_as(&judge) {
                let what = format!("a reader saw {} events, and there are {}", sight.events(), judge.events());
                team.find(Finding::new(Property::InOrder, what));
            }
        }
        judge.move_to(addresses[0], &team.admin_token).await?;
        team.check_all(&mut judge).await?;

        let mut table = Table::new(&["what", "count"]);
        for (what, count) in team.counts() {
            table.push([Cell::text(what), Cell::Count(count)]);
        }
        table.push([Cell::text("events"), Cell::Count(judge.events())]);
        table.push([Cell::text("looks into the event log by all readers"), Cell::Count(looks)]);
        let mut circumstances = stage.circumstances();
        circumstances.push(("seed", seed.to_string()));
        circumstances.push(("server processes", processes.to_string()));
        circumstances.push(("clients", self.team.clients.to_string()));
        circumstances.push(("readers of each server", self.readers.to_string()));
        Ok(Report { command: "events", circumstances, table, verdicts: team.verdicts() })
    }
}

/// Reads on without a pause until everything was written, and once more then.
async fn follow(mut sight: Sight, is_over: Arc<AtomicBool>) -> anyhow::Result<Followed> {
    let mut findings = Vec::new();
    let mut looks = 0;
    loop {
        let is_last = is_over.load(Ordering::Relaxed);
        findings.extend(sight.follow().await?);
        looks += 1;
        if is_last {
            return Ok(Followed { sight, findings, looks });
        }
    }
}
