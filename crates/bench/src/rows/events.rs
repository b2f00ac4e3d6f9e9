//! Readers that follow the event log on every server while many clients write: each sees every event once, in order.

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
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::Row;
use crate::{
    campaign::{Campaign, CampaignOptions, Finding, Guarantee, Observer},
    report::{Report, Table},
    testbed::{StoreKind, TestBed, TestBedOptions},
};

/// How long readers may take to catch up after the last event.
const CATCH_UP_TIME_MAX: Duration = Duration::from_secs(10);

/// Follows the event log while many clients write: each reader sees every event once, in order
#[derive(Clone, Debug, Args)]
pub(crate) struct Events {
    /// How long events are written
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    seconds: u16,
    /// Number of readers on each server
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    readers: u8,
    /// Number of server processes that share the database [default: 2 on PostgreSQL, 1 on SQLite]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: Option<u8>,
    #[command(flatten)]
    campaign: CampaignOptions,
}

/// What a reader has read.
struct Read {
    observer: Observer,
    findings: Vec<Finding>,
    /// How often it reached the end of the event log.
    passes: u64,
}

impl Row for Events {
    const NAME: &'static str = "events";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let processes = self.processes.unwrap_or(if options.store == StoreKind::Postgres { 2 } else { 1 });
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(processes)?;
        let mut campaign = Campaign::start(&testbed, addresses[0], self.campaign).await?;

        let is_over = Arc::new(AtomicBool::new(false));
        let readers = self.start_readers(&addresses, campaign.admin_token(), &is_over).await?;
        campaign.resume(addresses.iter().copied());
        sleep(Duration::from_secs(self.seconds.into())).await;
        campaign.finish().await?;
        // From now on every event is readable.
        is_over.store(true, Ordering::Relaxed);
        let readers = timeout(CATCH_UP_TIME_MAX, readers.join_all()).await.context("a reader does not end")?;

        campaign.check_all(addresses[0]).await?;
        let mut passes = 0;
        for read in readers {
            let read = read?;
            passes += read.passes;
            read.findings.into_iter().for_each(|finding| campaign.add_finding(finding));
            if !read.observer.has_same_events_as(campaign.observer()) {
                let (found, all) = (read.observer.event_count(), campaign.observer().event_count());
                let what = format!("a reader has {found} events of {all}");
                campaign.add_finding(Finding::new(Guarantee::OrderedEvents, what));
            }
        }

        let mut table = Table::new(&["what", "count"]);
        table.extend(campaign.counts());
        table.extend([
            ("events", campaign.observer().event_count()),
            ("times that readers read to the end of the event log", passes),
        ]);
        let circumstances = campaign
            .add_to(testbed.circumstances())
            .with("server processes", processes)
            .with("readers of each server", self.readers);
        Ok(Report { circumstances, table, verdicts: campaign.verdicts() })
    }
}

impl Events {
    async fn start_readers(
        &self,
        addresses: &[SocketAddr],
        admin_token: &str,
        is_over: &Arc<AtomicBool>,
    ) -> anyhow::Result<JoinSet<anyhow::Result<Read>>> {
        let mut readers = JoinSet::new();
        for address in addresses.iter().cycle().take(addresses.len() * usize::from(self.readers)) {
            let observer = Observer::connect(*address, admin_token).await?;
            readers.spawn(follow(observer, Arc::clone(is_over)));
        }
        Ok(readers)
    }
}

/// Reads without a pause until everything was written, and then once more.
async fn follow(mut observer: Observer, is_over: Arc<AtomicBool>) -> anyhow::Result<Read> {
    let (mut findings, mut passes) = (Vec::new(), 0);
    loop {
        let is_last = is_over.load(Ordering::Relaxed);
        findings.extend(observer.follow().await?);
        passes += 1;
        if is_last {
            return Ok(Read { observer, findings, passes });
        }
    }
}
