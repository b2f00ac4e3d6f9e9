//! Kills the server at random moments under load, repeatedly: no acknowledged effect is lost, none happens twice, and
//! every timeline verifies.
//!
//! A kill is SIGKILL of the server process. The PostgreSQL server keeps running; SQLite is in the killed process. The
//! `durability` row covers what a power cut would do beyond that.

use std::time::Duration;

use clap::Args;
use tokio::time::sleep;

use super::Row;
use crate::{
    campaign::{Campaign, CampaignOptions, Finding, Guarantee},
    report::{Report, Table},
    testbed::{Server, TestBed, TestBedOptions},
    verdict::Verdict,
};

/// A starting server is killed within this time, which is about how long it takes until it listens.
const START_UP_MS_MAX: u64 = 120;

/// One start in this many is killed.
const STARTS_PER_KILL: u8 = 5;

/// Kills the server under load repeatedly: nothing acknowledged is lost, nothing happens twice
#[derive(Clone, Debug, Args)]
pub(crate) struct Crash {
    /// Number of kills of a working server
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=5000))]
    kills: u16,
    /// Time after a start within which the server is killed again, at a random moment
    #[arg(long, value_name = "MS", default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    window_ms: u16,
    #[command(flatten)]
    campaign: CampaignOptions,
}

/// Counts of kills.
#[derive(Default)]
struct Kills {
    working: u16,
    starting: u64,
    /// Kills of a working server with requests in flight, and how many requests those were.
    with_requests: u64,
    requests: u64,
}

impl Row for Crash {
    const NAME: &'static str = "crash";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        // Sessions must outlive the longest campaign.
        let testbed = TestBed::create(options, &[("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned())]).await?;
        let mut server = testbed.start_server()?;
        let mut campaign = Campaign::start(&testbed, server.address(), self.campaign).await?;
        let mut rng = campaign.rng();
        let mut kills = Kills::default();

        campaign.resume([server.address()]);
        for _ in 0..self.kills {
            sleep(Duration::from_millis(rng.u64(..=u64::from(self.window_ms)))).await;
            kills.count(campaign.counters(|counters| counters.in_flight));
            server.kill()?;
            campaign.suspend();
            server = start_again(&testbed, &mut rng, &mut kills).await?;
            campaign.check_changed(server.address()).await?;
            campaign.resume([server.address()]);
        }
        campaign.finish_on(server.address()).await?;
        if let Err(error) = testbed.command(&["verify"]) {
            campaign.add_finding(Finding::new(Guarantee::ValidTimeline, format!("{error:#}")));
        }

        let mut table = Table::new(&["what", "count"]);
        table.extend([
            ("kills of a working server", kills.working.into()),
            ("of them with requests in flight", kills.with_requests),
            ("requests in flight at a kill", kills.requests),
            ("kills of a starting server", kills.starting),
        ]);
        table.extend(campaign.counts());
        table.extend([("events read", campaign.observer().event_count())]);
        let mut verdicts = vec![Verdict::exactly("kills", self.kills, kills.working)];
        verdicts.extend(campaign.verdicts());
        let circumstances =
            campaign.add_to(testbed.circumstances()).with("killed within", format!("{} ms of a start", self.window_ms));
        Ok(Report { circumstances, table, verdicts })
    }
}

impl Kills {
    fn count(&mut self, in_flight: usize) {
        self.working += 1;
        self.with_requests += u64::from(in_flight > 0);
        self.requests += in_flight as u64;
    }
}

/// Starts the server. Sometimes it is killed before it listens.
async fn start_again(testbed: &TestBed, rng: &mut fastrand::Rng, kills: &mut Kills) -> anyhow::Result<Server> {
    while rng.u8(..STARTS_PER_KILL) == 0 {
        let starting = testbed.launch_server()?;
        sleep(Duration::from_millis(rng.u64(..START_UP_MS_MAX))).await;
        starting.kill()?;
        kills.starting += 1;
    }
    testbed.restart_server()
}
