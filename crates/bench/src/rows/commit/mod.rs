//! The value of batching commits: many callers each open an incident, once through the committer and once in one
//! transaction per caller, with the same ORM and database, in turn. There is no server, because this is about the store
//! alone.

mod baseline;
mod opening;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use incident_domain::write::{ChangeSet, Store as _};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use tokio::task::JoinSet;

use super::{Row, SpeedRow};
use crate::{
    load::Latencies,
    phases::{PhaseOptions, medians},
    report::Report,
    speed_table::{Figures, Judgement, Line, SpeedTable},
    testbed::{StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit},
};

use baseline::Baseline;
use opening::Opening;

const ON_SQLITE: Target = Target::AtLeast(8.0, Unit::Times);
const ON_POSTGRES: Target = Target::AtLeast(4.0, Unit::Times);

const BASELINE: &str = "a transaction each";

/// Measures commits of many concurrent callers, next to one transaction per caller
#[derive(Clone, Debug, Args)]
pub(crate) struct Commit {
    #[command(flatten)]
    phases: PhaseOptions,
}

/// How change sets are committed.
#[derive(Clone)]
enum Committer {
    Store(SeaOrmStore),
    Baseline(Baseline),
}

/// The medians of both committers.
struct Medians {
    callers: usize,
    together: Figures,
    baseline: Figures,
}

impl Row for Commit {
    const NAME: &'static str = "commit";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, self.phases.judgement()).await?.into_report())
    }
}

impl SpeedRow for Commit {
    const QUICK: &'static [&'static str] = &["--quick"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let testbed = TestBed::create(options, &[]).await?;
        let (url, phases) = (testbed.database_url(), self.phases.clone());
        // Both sides have as many threads as a server.
        let comparing = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(compare(&url, &phases))
        });
        let medians = comparing.await.context("the callers panicked")??;
        let target = match testbed.store() {
            StoreKind::Sqlite => ON_SQLITE,
            StoreKind::Postgres => ON_POSTGRES,
        };
        let mut lines = Vec::new();
        for Medians { callers, together, baseline } in &medians {
            let work = format!("commit of an opened incident, {callers} callers");
            let line = Line::new(work, *together).with_throughput_of(BASELINE, baseline.per_second.unwrap_or_default());
            // One caller has nothing to batch.
            lines.push(if *callers == 1 { line } else { line.with_ratio_target(target, judgement) });
        }
        let baselines = medians.iter().filter(|medians| medians.callers > 1);
        lines.extend(baselines.map(|it| Line::new(format!("({BASELINE}, {} callers)", it.callers), it.baseline)));
        Ok(SpeedTable { circumstances: self.phases.add_to(testbed.circumstances()), lines })
    }
}

/// Returns the medians for each number of callers.
async fn compare(url: &str, phases: &PhaseOptions) -> anyhow::Result<Vec<Medians>> {
    let (store, baseline) = (SeaOrmStore::build(&StoreOptions::new(url))?, Baseline::connect(url).await?);
    let opening = Arc::new(Opening::new()?);
    store.commit(opening.reporter()?).await?;
    let committers = [Committer::Baseline(baseline.clone()), Committer::Store(store.clone())];
    let mut compared = Vec::new();
    for callers in [phases.connections(), 1] {
        let mut figures = [Vec::new(), Vec::new()];
        for _ in 0..phases.phases() {
            for (committer, figures) in committers.iter().zip(&mut figures) {
                figures.push(committer.run_phase(&opening, callers, phases.phase()).await?);
            }
        }
        let [baseline, together] = figures.map(|figures| medians(&figures));
        compared.push(Medians { callers, together, baseline });
    }
    store.close().await;
    baseline.close().await?;
    Ok(compared)
}

impl Committer {
    async fn commit(&self, changes: ChangeSet) -> anyhow::Result<()> {
        match self {
            Self::Store(store) => Ok(store.commit(changes).await?),
            Self::Baseline(baseline) => baseline.commit(changes).await,
        }
    }

    /// Runs a phase in which each caller opens one incident after the other.
    async fn run_phase(&self, opening: &Arc<Opening>, callers: usize, phase: Duration) -> anyhow::Result<Figures> {
        let started = Instant::now();
        let until = started + phase;
        let caller = |committer: Self, opening: Arc<Opening>| async move {
            let mut latencies = Latencies::default();
            while Instant::now() < until {
                let changes = opening.next();
                let called = Instant::now();
                committer.commit(changes).await?;
                latencies.record(called.elapsed());
            }
            anyhow::Ok(latencies)
        };
        let calling: JoinSet<_> = (0..callers).map(|_| caller(self.clone(), Arc::clone(opening))).collect();
        let mut all = Latencies::default();
        for latencies in calling.join_all().await {
            all.add(&latencies?);
        }
        let per_second = units::per_second(all.count(), started.elapsed());
        Ok(Figures { per_second: Some(per_second), ..all.figures() })
    }
}
