//! What committing together is worth: many callers who each open an incident, once through the committer and once with a
//! transaction for every caller, through the same ORM, on the same database, in turn. Without a server: this is about
//! the store alone.

mod baseline;
mod opening;
/// The store's own rows: a baseline with others would compare those too.
#[path = "../../../../store-seaorm/src/row/mod.rs"]
mod row;

use std::{future::Future, sync::Arc, time::Instant};

use anyhow::Context;
use clap::Args;
use incident_domain::{ChangeSet, ports::Store as _};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};

use crate::{
    load::Latencies,
    pace::{Pace, medians},
    report::Report,
    rows::Row,
    score::{Figures, Line, Score, Target, Unit},
    stage::{Stage, StageOptions, StoreKind},
};

use baseline::Baseline;
use opening::Opening;

const ON_SQLITE: Target = Target::AtLeast(8.0, Unit::Times);
const ON_POSTGRES: Target = Target::AtLeast(4.0, Unit::Times);

const BASELINE: &str = "a transaction each";

/// Measures commits of many concurrent callers against one transaction per caller
#[derive(Clone, Debug, Args)]
pub(crate) struct Commit {
    #[command(flatten)]
    pace: Pace,
}

/// Both ways to the database.
struct Rivals {
    together: SeaOrmStore,
    each: Arc<Baseline>,
    opening: Arc<Opening>,
}

impl Row for Commit {
    const NAME: &'static str = "commit";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self).await?.into_report("commit"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, Commit { pace }: &Commit) -> anyhow::Result<Score> {
    let stage = Stage::set_up(stage, &[]).await?;
    let (url, own) = (stage.database_url(), pace.clone());
    // The threads that a server has, for both sides.
    let lines = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(compare(&url, &own))
    });
    let [many, (one_together, one_each)] = lines.await.context("the callers panicked")??;
    let target = match stage.store() {
        StoreKind::Sqlite => ON_SQLITE,
        StoreKind::Postgres => ON_POSTGRES,
    };
    let line = |callers: usize, together: Figures, each: Figures| {
        let work = format!("commit of an opened incident, {callers} callers");
        Line::new(work, together).next_to_throughput(BASELINE, each.per_second.unwrap_or_default())
    };
    let lines = vec![
        line(pace.connections(), many.0, many.1).with_ratio_held_to(target, pace.judgement()),
        line(1, one_together, one_each),
        Line::new(format!("({BASELINE}, {} callers)", pace.connections()), many.1),
    ];
    let mut circumstances = stage.circumstances();
    circumstances.extend(pace.circumstances());
    Ok(Score { circumstances, lines })
}

/// The medians of both ways, with many callers and with one.
async fn compare(url: &str, pace: &Pace) -> anyhow::Result<[(Figures, Figures); 2]> {
    let store = SeaOrmStore::build(&StoreOptions::new(url))?;
    let opening = Arc::new(Opening::new()?);
    store.commit(opening.reporter()?).await?;
    let rivals = Rivals { together: store, each: Arc::new(Baseline::connect(url).await?), opening };
    let compared = [rivals.compare(pace.connections(), pace).await?, rivals.compare(1, pace).await?];
    rivals.together.close().await;
    rivals.each.close().await?;
    Ok(compared)
}

impl Rivals {
    async fn compare(&self, callers: usize, pace: &Pace) -> anyhow::Result<(Figures, Figures)> {
        let (mut together, mut each) = (Vec::new(), Vec::new());
        for _ in 0..pace.phases() {
            let baseline = Arc::clone(&self.each);
            let commit = move |changes| {
                let baseline = Arc::clone(&baseline);
                async move { baseline.commit(changes).await }
            };
            each.push(self.phase(callers, pace, commit).await?);
            let store = self.together.clone();
            let commit = move |changes| {
                let store = store.clone();
                async move { Ok(store.commit(changes).await?) }
            };
            together.push(self.phase(callers, pace, commit).await?);
        }
        Ok((medians(&together), medians(&each)))
    }

    /// A phase of this many callers, each of whom opens one incident after the other.
    async fn phase<F, C>(&self, callers: usize, pace: &Pace, commit: F) -> anyhow::Result<Figures>
    where
        F: Fn(ChangeSet) -> C + Clone + Send + 'static,
        C: Future<Output = anyhow::Result<()>> + Send,
    {
        let begun = Instant::now();
        let end = begun + pace.phase();
        let caller = |opening: Arc<Opening>, commit: F| async move {
            let mut latencies = Latencies::default();
            while Instant::now() < end {
                let changes = opening.next();
                let called = Instant::now();
                commit(changes).await?;
                latencies.record(called.elapsed());
            }
            anyhow::Ok(latencies)
        };
        let calling: Vec<_> =
            (0..callers).map(|_| tokio::spawn(caller(Arc::clone(&self.opening), commit.clone()))).collect();
        let mut all = Latencies::default();
        for caller in calling {
            all.add(&caller.await.context("a caller panicked")??);
        }
        #[expect(clippy::cast_precision_loss, reason = "no phase has so many commits")]
        let per_second = all.count() as f64 / begun.elapsed().as_secs_f64();
        Ok(Figures {
            per_second: Some(per_second),
            p50_ms: Some(all.percentile_ms(0.50)),
            p99_ms: Some(all.percentile_ms(0.99)),
            ..Figures::default()
        })
    }
}
