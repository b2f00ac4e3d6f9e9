//! Database outages under load: meanwhile requests are refused with 503 or wait, afterwards the same server serves them,
//! and no acknowledged effect is lost.
//!
//! PostgreSQL is behind a proxy that alternately breaks every connection and forwards nothing for a while. On request it
//! also never forwards anything again on the connections that existed, as failing networks and machines do. A SQLite
//! file is locked by another process.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use incident_test_support::Proxy;
use tokio::time::{sleep, timeout};

use super::Row;
use crate::{
    campaign::{Campaign, CampaignOptions},
    client::{Api, Request},
    load::{Latencies, RESPONSE_TIME_MAX},
    report::{Cell, Report, Table},
    testbed::{DatabaseLock, Server, StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// How long the server may take to serve again after an outage.
const RECOVERY_TIME_MAX: Duration = Duration::from_secs(20);

const RECOVERY_POLL_INTERVAL: Duration = Duration::from_millis(5);

const READINESS_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Interrupts the database under load: 503 during the outage, recovery afterwards, no loss
#[derive(Clone, Debug, Args)]
pub(crate) struct DatabaseAway {
    /// Number of outages
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// Time between two outages
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(100..=10_000))]
    works_ms: u16,
    /// Length of an outage; the server waits 5 seconds for a lock on SQLite
    #[arg(long, value_name = "MS", default_value_t = 7000, value_parser = clap::value_parser!(u16).range(100..=60_000))]
    away_ms: u16,
    /// In every third outage, lets existing connections to PostgreSQL stay silent for ever, without closing them
    #[arg(long)]
    silent_for_ever: bool,
    #[command(flatten)]
    campaign: CampaignOptions,
}

/// How the proxy interrupts a database.
#[derive(Clone, Copy)]
enum Outage {
    Cut,
    Silent,
    SilentForEver,
}

/// The connection between the server and its database.
enum Link {
    Proxy(Proxy),
    /// A file, and its lock during an outage.
    File(Option<DatabaseLock>),
}

/// Counts of all outages.
#[derive(Default)]
struct Outages {
    recovered: u16,
    refused: u64,
    not_ready: u64,
    recovery: Latencies,
}

impl Row for DatabaseAway {
    const NAME: &'static str = "database-away";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let settings = [("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned())];
        let mut testbed = TestBed::create(options, &settings).await?;
        let mut link = Link::File(None);
        if options.store == StoreKind::Postgres {
            let (proxy, url) = Proxy::in_front_of(&testbed.database_url()).await?;
            testbed.change_settings(&[("DATABASE_URL", url)]);
            link = Link::Proxy(proxy);
        }
        let mut server = testbed.start_server()?;
        let mut campaign = Campaign::start(&testbed, server.address(), self.campaign).await?;
        let mut outages = Outages::default();

        for round in 0..self.rounds {
            campaign.resume([server.address()]);
            sleep(Duration::from_millis(self.works_ms.into())).await;
            let refused_before = refused(&campaign);
            let outage = self.outage(round);
            link.interrupt(&testbed, outage).await?;
            outages.not_ready += count_not_ready(&server, Duration::from_millis(self.away_ms.into())).await?;
            link.restore(outage).await?;
            outages.refused += refused(&campaign) - refused_before;
            if let Some(took) = recovery(&campaign).await {
                outages.recovered += 1;
                outages.recovery.record(took);
            }
            campaign.drain().await?;
            campaign.check_changed(server.address()).await?;
        }
        campaign.finish_on(server.address()).await?;
        anyhow::ensure!(server.is_running()?, "the server has ended by itself");
        let circumstances = campaign.add_to(testbed.circumstances()).with("away for", format!("{} ms", self.away_ms));
        let (table, verdicts) = (self.table(&outages, &campaign), self.verdicts(&outages, &campaign));
        Ok(Report { circumstances, table, verdicts })
    }
}

impl DatabaseAway {
    fn outage(&self, round: u16) -> Outage {
        let outages = [Outage::Cut, Outage::Silent, Outage::SilentForEver];
        let kinds = if self.silent_for_ever { 3 } else { 2 };
        outages[usize::from(round) % kinds]
    }

    fn table(&self, outages: &Outages, campaign: &Campaign) -> Table {
        let mut table = Table::new(&["what", "figure"]);
        table.extend([
            ("outages of the database", self.rounds.into()),
            ("requests refused with 503 meanwhile", outages.refused),
            ("responses of /health/ready that say so", outages.not_ready),
        ]);
        let recovery = "until the first command was acknowledged again";
        let longest = campaign.counters(|counters| counters.longest);
        table.extend([
            (format!("{recovery}: median ms"), Cell::Figure(outages.recovery.p50_ms(), 0)),
            (format!("{recovery}: most ms"), Cell::Figure(outages.recovery.max_ms(), 0)),
            ("longest response of all, ms".to_owned(), Cell::Figure(units::milliseconds(longest), 0)),
        ]);
        table.extend(campaign.counts());
        table
    }

    fn verdicts(&self, outages: &Outages, campaign: &Campaign) -> Vec<Verdict> {
        let limit = RECOVERY_TIME_MAX.as_secs();
        let some = Target::AtLeast(1.0, Unit::Count);
        let mut verdicts = vec![
            Verdict::exactly(
                format!("outages after which the server served within {limit} s"),
                self.rounds,
                outages.recovered,
            ),
            Verdict::timing("requests refused with 503 meanwhile", some, units::figure(outages.refused)),
        ];
        verdicts.extend(campaign.verdicts());
        verdicts
    }
}

impl Link {
    async fn interrupt(&mut self, testbed: &TestBed, outage: Outage) -> anyhow::Result<()> {
        match (self, outage) {
            (Self::Proxy(proxy), Outage::Cut) => proxy.cut().await,
            (Self::Proxy(proxy), Outage::Silent | Outage::SilentForEver) => proxy.go_silent(),
            (Self::File(lock), _) => *lock = Some(testbed.lock_database().await?),
        }
        Ok(())
    }

    async fn restore(&mut self, outage: Outage) -> anyhow::Result<()> {
        match (self, outage) {
            (Self::Proxy(proxy), Outage::Cut | Outage::Silent) => proxy.restore().await?,
            (Self::Proxy(proxy), Outage::SilentForEver) => proxy.restore_for_new_connections(),
            (Self::File(lock), _) => lock.take().context("the file is not locked")?.release().await?,
        }
        Ok(())
    }
}

fn refused(campaign: &Campaign) -> u64 {
    campaign.counters(|counters| counters.failed.values().sum())
}

/// Returns how often the server reports during an outage that it is not ready. A silent database may delay a response,
/// but not for ever.
async fn count_not_ready(server: &Server, window: Duration) -> anyhow::Result<u64> {
    let until = Instant::now() + window;
    let request = Request::get("/health/ready").bytes();
    let mut not_ready = 0;
    while Instant::now() < until {
        let mut api = Api::connect(server.address()).await?;
        let response = timeout(RESPONSE_TIME_MAX, api.send(&request)).await;
        let response = response.context("readiness had no response in time")??;
        not_ready += u64::from(response.status() == 503 && response.is_problem());
        sleep(READINESS_POLL_INTERVAL).await;
    }
    Ok(not_ready)
}

/// Returns how long it takes until the next command is acknowledged; `None` if that is not in time.
async fn recovery(campaign: &Campaign) -> Option<Duration> {
    let restored = Instant::now();
    let before = campaign.counters(|counters| counters.acknowledged);
    while campaign.counters(|counters| counters.acknowledged) == before {
        if restored.elapsed() > RECOVERY_TIME_MAX {
            return None;
        }
        sleep(RECOVERY_POLL_INTERVAL).await;
    }
    Some(restored.elapsed())
}
