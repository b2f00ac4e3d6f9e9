//! The server is killed at random moments under load, again and again: nothing that was acknowledged is lost, nothing
//! is done twice, and every timeline verifies.
//!
//! A kill is SIGKILL to the server's process. The database server stays up where there is one; SQLite is in the
//! process. What a power cut would do beyond that is for the `durability` row.

use std::time::Duration;

use clap::Args;
use tokio::time::sleep;

use crate::{
    campaign::{Finding, Property, Sight, Team, TeamOptions},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// A server that starts is killed within this time; it takes about as long until it listens.
const START_UP_MS_MAX: u64 = 120;

/// One restart in so many is killed while it starts.
const START_UPS_PER_KILL: u8 = 5;

/// Kills the server under load repeatedly: nothing acknowledged is lost, nothing is done twice
#[derive(Clone, Debug, Args)]
pub(crate) struct Crash {
    /// How often a working server is killed
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=5000))]
    kills: u16,
    /// Within which time after it is back it is killed again, at any moment of it
    #[arg(long, value_name = "MS", default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    window_ms: u16,
    #[command(flatten)]
    team: TeamOptions,
}

/// What was done to the servers.
#[derive(Default)]
struct Kills {
    at_work: u64,
    starting: u64,
    /// How many of the first met requests under way, and how many requests those were.
    with_requests: u64,
    requests: u64,
}

impl Row for Crash {
    const NAME: &'static str = "crash";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let seed = self.team.seed();
        // So that a session outlives the longest campaign.
        let stage = Stage::set_up(stage, &[("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned())]).await?;
        let mut server = stage.start_server()?;
        let mut team = Team::assemble(&stage, &server, self.team.clients, seed).await?;
        let mut sight = Sight::open(server.address(), &team.admin_token).await?;
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut kills = Kills::default();

        team.line.up([server.address()]);
        for _ in 0..self.kills {
            sleep(Duration::from_millis(rng.u64(..=u64::from(self.window_ms)))).await;
            kills.count(team.tally(|tally| tally.under_way));
            server.kill()?;
            team.line.down();
            server = start_again(&stage, &mut rng, &mut kills).await?;
            sight.move_to(server.address(), &team.admin_token).await?;
            team.check_touched(&mut sight).await?;
            team.line.up([server.address()]);
        }
        team.finish().await?;
        sight.move_to(server.address(), &team.admin_token).await?;
        team.check_all(&mut sight).await?;
        if let Err(error) = stage.command(&["verify"]) {
            team.find(Finding::new(Property::Verifies, format!("{error:#}")));
        }
        Ok(report(&stage, self, seed, &kills, &team, &sight))
    }
}

impl Kills {
    fn count(&mut self, under_way: usize) {
        self.at_work += 1;
        self.with_requests += u64::from(under_way > 0);
        self.requests += under_way as u64;
    }
}

/// Now and then the server is killed before it listens, too.
async fn start_again(stage: &Stage, rng: &mut fastrand::Rng, kills: &mut Kills) -> anyhow::Result<Server> {
    while rng.u8(..START_UPS_PER_KILL) == 0 {
        let starting = stage.launch_server()?;
        sleep(Duration::from_millis(rng.u64(..START_UP_MS_MAX))).await;
        starting.kill()?;
        kills.starting += 1;
    }
    stage.restart_server()
}

fn report(stage: &Stage, options: &Crash, seed: u64, kills: &Kills, team: &Team, sight: &Sight) -> Report {
    let mut table = Table::new(&["what", "count"]);
    table.push([Cell::text("kills at work"), Cell::Count(kills.at_work)]);
    table.push([Cell::text("of them with requests under way"), Cell::Count(kills.with_requests)]);
    table.push([Cell::text("requests under way at a kill"), Cell::Count(kills.requests)]);
    table.push([Cell::text("kills while starting"), Cell::Count(kills.starting)]);
    let mut verdicts = vec![Verdict::count("kills", options.kills.into(), kills.at_work)];
    for (what, count) in team.counts() {
        table.push([Cell::text(what), Cell::Count(count)]);
    }
    table.push([Cell::text("events read"), Cell::Count(sight.events())]);
    verdicts.extend(team.verdicts());
    let mut circumstances = stage.circumstances();
    circumstances.push(("seed", seed.to_string()));
    circumstances.push(("clients", options.team.clients.to_string()));
    circumstances.push(("killed within", format!("{} ms of being back", options.window_ms)));
    Report { command: "crash", circumstances, table, verdicts }
}
