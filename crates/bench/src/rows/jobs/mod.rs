//! Background jobs in processes that are killed, paused and many: each job has one effect in the database, and at least
//! one outside it.
//!
//! Workers are processes of [`crate::worker`]. The queue, the claims and the commits are those of the server. Attempts are
//! killed by SIGKILL after the claim, after the effect outside the database, after the commit, and at random moments.
//! Paused processes are stopped by SIGSTOP for longer than their leases and then resumed, while another worker holds
//! their jobs or has completed them.

mod process;

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::DateTime;
use clap::Args;
use incident_domain::{
    kernel::{Job, JobId, JobKind},
    write::{ChangeSet, Store as _},
};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use tokio::time::sleep;
use uuid::Uuid;

use super::Row;
use crate::{
    report::{Cell, Report, Table, cells},
    testbed::{ProcessOptions, StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
    worker::{KIND, Pause},
};

use process::{WorkerOptions, WorkerProcess};

const THROUGHPUT: Target = Target::AtLeast(2_000.0, Unit::PerSecond);

/// How many jobs one worker has in hand when it is killed or stopped, and how many when it only works.
const HELD: u32 = 8;
const RUNNING_MAX: u32 = 64;

/// A worker of the phase of random moments is killed within this time, while it starts and works.
const RANDOM_MS_MAX: u64 = 400;
const JOBS_PER_RANDOM_KILL: u32 = 200;

const JOBS_PER_COMMIT: u32 = 500;

/// Kills, pauses and multiplies the workers of background jobs: each job has exactly one effect
#[derive(Clone, Debug, Args)]
pub(crate) struct Jobs {
    /// Number of jobs that all processes do together
    #[arg(long = "jobs", value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    together: u32,
    /// Number of kills at each of four moments
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    kills: u16,
    /// Number of processes that are stopped for longer than their leases
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pauses: u16,
    /// Lease of jobs whose worker is killed or stopped
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(200..=60_000))]
    lease_ms: u16,
    #[command(flatten)]
    processes: ProcessOptions,
}

impl Row for Jobs {
    const NAME: &'static str = "jobs";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let mut campaign = Campaign::start(testbed, Duration::from_millis(self.lease_ms.into()))?;
        let mut table =
            Table::new(&["workers", "jobs", "effects", "effects outside", "of them repeated", "refused", "jobs/s"]);
        let mut verdicts = Vec::new();
        for (name, pause) in [
            ("killed after the claim", Some(Pause::Claim)),
            ("killed after the effect outside", Some(Pause::Effect)),
            ("killed after the commit", Some(Pause::Record)),
            ("killed at random moments", None),
        ] {
            for _ in 0..self.kills {
                campaign.kill_at(pause).await?;
            }
            campaign.judge(name, None, &mut table, &mut verdicts).await?;
        }
        for round in 0..self.pauses {
            campaign.pause(round % 2 == 0).await?;
        }
        let late = u64::from(self.pauses) * u64::from(HELD);
        verdicts.push(Verdict::exactly("jobs that resumed processes could not finish", late, campaign.refused));
        campaign.judge("stopped beyond their leases", None, &mut table, &mut verdicts).await?;

        let rate = campaign.work(self.together, self.processes.processes).await?;
        let name = format!("{} at once", self.processes.processes);
        campaign.judge(&name, Some(rate), &mut table, &mut verdicts).await?;
        verdicts.push(Verdict::exactly("jobs with several effects", 0, campaign.with_several_effects().await?));
        if campaign.testbed.store() == StoreKind::Sqlite && !cfg!(debug_assertions) {
            verdicts.push(Verdict::timing("claimed and completed", THROUGHPUT, rate));
        }
        let circumstances = campaign
            .testbed
            .circumstances()
            .with("lease of killed and stopped workers", format!("{} ms", self.lease_ms))
            .with("seed", campaign.seed);
        Ok(Report { circumstances, table, verdicts })
    }
}

/// The jobs and workers on one database.
struct Campaign {
    testbed: TestBed,
    store: SeaOrmStore,
    lease: Duration,
    /// The file of effects outside the database.
    outside: PathBuf,
    seed: u64,
    rng: fastrand::Rng,
    inserted: u32,
    refused: u64,
    /// The counts at the end of the phase before.
    before: Counts,
}

/// What has happened to the jobs so far.
#[derive(Clone, Copy, Default)]
struct Counts {
    jobs: u64,
    effects: u64,
    outside: u64,
    repeated: u64,
    refused: u64,
}

impl Campaign {
    fn start(testbed: TestBed, lease: Duration) -> anyhow::Result<Self> {
        let store = SeaOrmStore::build(&StoreOptions::new(testbed.database_url()))?;
        let (outside, seed) = (testbed.folder().join("effects"), fastrand::u64(..));
        let (rng, before) = (fastrand::Rng::with_seed(seed), Counts::default());
        Ok(Self { testbed, store, lease, outside, seed, rng, inserted: 0, refused: 0, before })
    }

    /// Stores jobs that are due.
    async fn insert(&mut self, jobs: u32) -> anyhow::Result<()> {
        let (kind, long_ago) = (JobKind::parse(KIND)?, DateTime::UNIX_EPOCH);
        let last = self.inserted + jobs;
        while self.inserted < last {
            let numbers = self.inserted..last.min(self.inserted + JOBS_PER_COMMIT);
            self.inserted = numbers.end;
            let ids = numbers.map(|number| JobId::new(Uuid::from_u128(number.into())));
            let jobs = ids.map(|id| Job::new(id, kind.clone(), "{}".to_owned(), long_ago, long_ago));
            self.store.commit(ChangeSet::new().insert_all(jobs)).await?;
        }
        Ok(())
    }

    fn worker(&self, pause: Option<Pause>) -> anyhow::Result<WorkerProcess> {
        let options = WorkerOptions { effects: Some(&self.outside), pause, lease: self.lease, running_max: HELD };
        WorkerProcess::start(&self.testbed, &options)
    }

    /// Kills a worker whose attempts pause, or at a random moment; another one executes the remaining jobs.
    async fn kill_at(&mut self, pause: Option<Pause>) -> anyhow::Result<()> {
        self.insert(if pause.is_some() { 2 * HELD } else { JOBS_PER_RANDOM_KILL }).await?;
        let mut worker = self.worker(pause)?;
        if pause.is_some() {
            worker.paused(HELD).await?;
        } else {
            sleep(Duration::from_millis(self.rng.u64(..RANDOM_MS_MAX))).await;
        }
        worker.kill()?;
        self.do_the_rest().await
    }

    /// Stops a worker with jobs in hand until another one has them, or has completed them, and resumes it.
    async fn pause(&mut self, are_held: bool) -> anyhow::Result<()> {
        self.insert(HELD).await?;
        let mut stopped = self.worker(Some(Pause::Stop))?;
        stopped.paused(HELD).await?;
        stopped.stop()?;
        sleep(self.lease).await;
        let mut other = self.worker(are_held.then_some(Pause::Effect))?;
        if are_held {
            other.paused(HELD).await?;
            stopped.resume()?;
            self.refused += stopped.finish().await?.refused.len() as u64;
            other.kill()?;
            self.do_the_rest().await
        } else {
            other.finish().await?;
            stopped.resume()?;
            self.refused += stopped.finish().await?.refused.len() as u64;
            Ok(())
        }
    }

    /// Runs a worker for the remaining jobs after the leases of the last one have expired.
    async fn do_the_rest(&self) -> anyhow::Result<()> {
        sleep(self.lease).await;
        self.worker(None)?.finish().await?;
        Ok(())
    }

    /// Lets processes do jobs together, and returns how many they completed in a second.
    async fn work(&mut self, jobs: u32, processes: u8) -> anyhow::Result<f64> {
        self.insert(jobs).await?;
        let lease = Duration::from_mins(1);
        let options = WorkerOptions { effects: None, pause: None, lease, running_max: RUNNING_MAX };
        let started = Instant::now();
        let start = |_| WorkerProcess::start(&self.testbed, &options);
        let workers = (0..processes).map(start).collect::<anyhow::Result<Vec<_>>>()?;
        let mut completed = 0;
        for worker in workers {
            completed += worker.finish().await?.completed;
        }
        // Includes the start of the processes.
        let took = started.elapsed();
        anyhow::ensure!(completed == u64::from(jobs), "{completed} of {jobs} jobs were completed");
        Ok(units::per_second(completed, took))
    }

    /// Counts what has happened since the last phase.
    async fn judge(
        &mut self,
        workers: &str,
        rate: Option<f64>,
        table: &mut Table,
        verdicts: &mut Vec<Verdict>,
    ) -> anyhow::Result<()> {
        const EFFECTS: &str = "SELECT COUNT(*) FROM events WHERE kind = 'bench.effect.v1'";
        let effects = self.testbed.query_number(EFFECTS).await?.unsigned_abs();
        let by_job = self.outside_by_job()?;
        let outside: u64 = by_job.values().sum();
        let now = Counts {
            jobs: self.inserted.into(),
            effects,
            outside,
            repeated: outside - by_job.len() as u64,
            refused: self.refused,
        };
        let before = std::mem::replace(&mut self.before, now);
        let (jobs, done) = (now.jobs - before.jobs, now.effects - before.effects);
        let outside = (now.outside > before.outside).then_some(now.outside - before.outside);
        let repeated = outside.map(|_| now.repeated - before.repeated);
        let refused = now.refused - before.refused;
        let rate_cell = rate.map_or(Cell::Empty, |rate| Cell::Figure(rate, 0));
        table.push(cells![workers, jobs, done, outside, repeated, refused, rate_cell]);
        verdicts.push(Verdict::exactly(format!("effects, workers {workers}"), jobs, done));
        if let (Some(outside), Some(repeated)) = (outside, repeated) {
            let what = format!("jobs with an effect outside, workers {workers}");
            verdicts.push(Verdict::exactly(what, jobs, outside - repeated));
        }
        Ok(())
    }

    async fn with_several_effects(&self) -> anyhow::Result<i64> {
        const SURPLUS: &str = "SELECT COUNT(*) - COUNT(DISTINCT subject) FROM events WHERE kind = 'bench.effect.v1'";
        self.testbed.query_number(SURPLUS).await
    }

    /// Returns how often each job has had its effect outside the database.
    fn outside_by_job(&self) -> anyhow::Result<BTreeMap<JobId, u64>> {
        let mut by_job = BTreeMap::new();
        for line in fs::read_to_string(&self.outside).context("no effects")?.lines() {
            let job: JobId = line.parse().with_context(|| format!("not a job: {line}"))?;
            let is_known = job.as_uuid().as_u128() < u128::from(self.inserted);
            anyhow::ensure!(is_known, "an effect of a job that was not stored: {job}");
            *by_job.entry(job).or_default() += 1;
        }
        Ok(by_job)
    }
}
