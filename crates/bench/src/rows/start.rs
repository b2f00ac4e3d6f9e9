//! How soon a server on an existing database is ready, and how much memory it uses when idle.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use super::{Row, SpeedRow};
use crate::{
    client::{Connection, Request},
    load::Latencies,
    report::Report,
    speed_table::{Figures, Judgement, Line, SpeedTable},
    testbed::{Server, StoreKind, TestBed, TestBedOptions},
    verdict::{Target, Unit},
};

const READY: Target = Target::AtMost(150.0, Unit::Milliseconds);
const IDLE_MEMORY: Target = Target::AtMost(40.0, Unit::Mebibytes);

/// How long the server is idle before its memory is read.
const IDLE_TIME: Duration = Duration::from_secs(2);

const POLL_INTERVAL: Duration = Duration::from_millis(1);

const READY_TIME_MAX: Duration = Duration::from_secs(30);

const STOP_TIME_MAX: Duration = Duration::from_secs(30);

/// Measures the time until a server is ready, and its memory when idle
#[derive(Clone, Debug, Args)]
pub(crate) struct Start {
    /// Number of starts
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    starts: u8,
    /// Number of incidents in the database
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    incidents: u64,
}

impl Row for Start {
    const NAME: &'static str = "start";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, Judgement::Judged).await?.into_report())
    }
}

impl SpeedRow for Start {
    const QUICK: &'static [&'static str] = &["--starts", "1", "--incidents", "20"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let testbed = TestBed::create(options, &[]).await?;
        testbed.seed(self.incidents).await?;
        let mut ready = Latencies::default();
        for _ in 0..self.starts {
            let (server, took) = start(&testbed).await?;
            ready.record(took);
            stop(server).await?;
        }
        let (server, _) = start(&testbed).await?;
        tokio::time::sleep(IDLE_TIME).await;
        let idle_mib = server.memory_mib()?;

        let idle = Figures { memory_mib: Some(idle_mib), ..Figures::default() };
        let mut started = Line::new("start to the first 200 of /health/ready", ready.figures());
        let mut idle = Line::new("idle memory", idle);
        if testbed.store() == StoreKind::Sqlite {
            started = started.with_target(READY, ready.p50_ms(), judgement);
            idle = idle.with_target(IDLE_MEMORY, idle_mib, judgement);
        }
        let circumstances = testbed
            .circumstances()
            .with("starts", self.starts)
            .with("incidents that a started server finds", self.incidents);
        Ok(SpeedTable { circumstances, lines: vec![started, idle] })
    }
}

/// Starts a server and returns how long it took until it was ready.
async fn start(testbed: &TestBed) -> anyhow::Result<(Server, Duration)> {
    let started = Instant::now();
    let server = testbed.restart_server()?;
    let request = Request::get("/health/ready").bytes();
    let mut connection = Connection::open(server.address()).await?;
    while started.elapsed() < READY_TIME_MAX {
        if connection.exchange(&request).await?.status() == 200 {
            return Ok((server, started.elapsed()));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    anyhow::bail!("the server is not ready within {} s", READY_TIME_MAX.as_secs())
}

/// Stops a server gracefully, so that the next one has nothing to recover.
async fn stop(mut server: Server) -> anyhow::Result<()> {
    server.terminate()?;
    server.wait(STOP_TIME_MAX).await?.context("the server does not stop")?;
    Ok(())
}
