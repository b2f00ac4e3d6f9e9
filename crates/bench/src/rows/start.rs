//! How soon a server is ready that is started on a database that is there, and what it has in use when nobody wants
//! anything of it.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use crate::{
    client::{Connection, get},
    load::Latencies,
    report::Report,
    rows::Row,
    score::{Figures, Judgement, Line, Score, Target, Unit},
    stage::{Server, Stage, StageOptions, StoreKind},
};

const READY_WITHIN: Target = Target::AtMost(150.0, Unit::Milliseconds);
const IDLE_WITHIN: Target = Target::AtMost(40.0, Unit::Mebibytes);

/// How long nothing is wanted before the memory is looked at.
const IDLE: Duration = Duration::from_secs(2);

/// How often is asked whether it is ready.
const ASKED_EVERY: Duration = Duration::from_millis(1);

/// No start takes longer.
const READY_TIME_MAX: Duration = Duration::from_secs(30);

/// How long it may take to stop.
const STOP_TIME_MAX: Duration = Duration::from_secs(30);

/// Measures the time until a server is ready, and its memory when idle
#[derive(Clone, Debug, Args)]
pub(crate) struct Start {
    /// How many starts
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    starts: u8,
    /// How many incidents the database has
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    incidents: u32,
}

impl Row for Start {
    const NAME: &'static str = "start";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self, Judgement::Judged).await?.into_report("start"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, options: &Start, judgement: Judgement) -> anyhow::Result<Score> {
    let stage = Stage::set_up(stage, &[]).await?;
    stage.command(&["seed", "--incidents", &options.incidents.to_string()])?;
    let mut took = Latencies::default();
    for _ in 0..options.starts {
        let (server, ready_after) = start(&stage).await?;
        took.record(ready_after);
        stop(server).await?;
    }
    let (server, _) = start(&stage).await?;
    tokio::time::sleep(IDLE).await;
    #[expect(clippy::cast_precision_loss, reason = "no server has so much memory")]
    let idle_mib = server.memory_kib() as f64 / 1024.0;
    anyhow::ensure!(idle_mib > 0.0, "the system does not tell how much memory a process has");

    let p50_ms = took.percentile_ms(0.50);
    let ready = Figures { p50_ms: Some(p50_ms), p99_ms: Some(took.percentile_ms(0.99)), ..Figures::default() };
    let idle = Figures { memory_mib: Some(idle_mib), ..Figures::default() };
    let mut lines = vec![Line::new("start to the first 200 of /health/ready", ready), Line::new("idle memory", idle)];
    if stage.store() == StoreKind::Sqlite {
        let targets = [(READY_WITHIN, p50_ms), (IDLE_WITHIN, idle_mib)];
        lines = lines
            .into_iter()
            .zip(targets)
            .map(|(line, (bound, figure))| line.held_to(bound, figure, judgement))
            .collect();
    }
    let mut circumstances = stage.circumstances();
    circumstances.push(("starts", options.starts.to_string()));
    circumstances.push(("incidents that a started server finds", options.incidents.to_string()));
    Ok(Score { circumstances, lines })
}

/// Starts a server, and answers how long it took until it was ready.
async fn start(stage: &Stage) -> anyhow::Result<(Server, Duration)> {
    let begun = Instant::now();
    let server = stage.restart_server()?;
    let request = get("/health/ready", None);
    let mut connection = Connection::open(server.address()).await?;
    while begun.elapsed() < READY_TIME_MAX {
        if connection.exchange(&request).await?.status() == 200 {
            return Ok((server, begun.elapsed()));
        }
        tokio::time::sleep(ASKED_EVERY).await;
    }
    anyhow::bail!("the server is not ready within {} s", READY_TIME_MAX.as_secs())
}

/// Stops it as it should be, so that the next finds nothing to mend.
async fn stop(mut server: Server) -> anyhow::Result<()> {
    server.ask_to_stop()?;
    server.ended(STOP_TIME_MAX).await?.context("the server does not stop")?;
    Ok(())
}
