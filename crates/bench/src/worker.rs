//! A process that runs background jobs as a server does, with a kind of job whose effects can be counted: an event in the
//! database, stored together with the completion, and a line in a file, as the effect outside the database.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use incident_application::kernel::{
    Backoff, JobFailure, JobHandler, JobPolicy, JobPorts, JobRunner, JobSettings, JobWaker,
};
use incident_domain::{
    kernel::{Audience, Clock, Conflict, Event, EventId, IdGenerator, Job, JobId, JobKind, RecordId as _},
    write::{Change, ChangeSet, CommitError, EditableId, EditableRecord, Store},
};
use incident_server::{
    Adapters,
    config::{Config, Layers},
};

/// The subcommand that runs a worker.
pub(crate) const SUBCOMMAND: &str = "worker";

/// The kind of the jobs.
pub(crate) const KIND: &str = "bench.effect";

/// The kind of the events that are their effects.
const EVENT_KIND: &str = "bench.effect.v1";

/// The words that begin the lines of a worker's output. Except in `DONE`, the id of a job follows.
pub(crate) const PAUSED: &str = "paused";
pub(crate) const REFUSED: &str = "refused";
/// The number of jobs that the worker completed follows.
pub(crate) const DONE: &str = "done";

/// How often a paused attempt looks whether the process was stopped.
const TICK: Duration = Duration::from_millis(10);

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// The file that each attempt appends the id of its job to
    #[arg(long, value_name = "FILE")]
    effects: Option<PathBuf>,
    /// Where attempts pause
    #[arg(long, value_enum)]
    pause: Option<Pause>,
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    lease_ms: u32,
    /// How many jobs run at a time
    #[arg(long, value_name = "N", default_value_t = 64)]
    running_max: usize,
}

/// Where an attempt pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pause {
    /// After the claim, for ever.
    Claim,
    /// After the effect outside the database, for ever.
    Effect,
    /// After the commit of the effect and the completion, for ever.
    Record,
    /// After the effect outside the database, until the process was stopped for longer than the lease and resumed.
    Stop,
}

/// Runs the due jobs, and ends when none is due.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let adapters = Adapters::new(&Config::from_layers(&Layers::of_process(None)?)?)?;
    let pauses = options.pause == Some(Pause::Record);
    let store = Arc::new(ReportingStore { store: adapters.store.clone(), pauses, completed: AtomicU64::new(0) });
    let ports = JobPorts {
        store: store.clone(),
        queue: adapters.store.clone(),
        clock: adapters.clock.clone(),
        ids: adapters.ids.clone(),
        metrics: Arc::new(()),
    };
    let settings = JobSettings { running_max: options.running_max, ..JobSettings::default() };
    let effects = options.effects.as_ref().map(|file| File::options().create(true).append(true).open(file));
    let effects = effects.transpose().context("cannot write effects")?.map(Arc::new);
    let (clock, ids) = (adapters.clock.clone(), adapters.ids.clone());
    let runner = JobRunner::new(ports, settings, JobWaker::default()).handling(Effect { options, effects, clock, ids });
    runner.run_due().await?;
    adapters.store.close().await;
    say(DONE, store.completed.load(Ordering::Relaxed));
    Ok(())
}

fn say(word: &str, what: impl std::fmt::Display) {
    let mut out = io::stdout().lock();
    // The parent process may have ended.
    let _ = writeln!(out, "{word} {what}").and_then(|()| out.flush());
}

/// Does the jobs.
struct Effect {
    options: Options,
    effects: Option<Arc<File>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

#[async_trait]
impl JobHandler for Effect {
    #[expect(clippy::expect_used, reason = "the name has the form of a kind")]
    fn kind(&self) -> JobKind {
        JobKind::parse(KIND).expect("a kind")
    }

    fn policy(&self) -> JobPolicy {
        let (running_max, lease) = (self.options.running_max, TimeDelta::milliseconds(self.options.lease_ms.into()));
        let backoff = Backoff { first: TimeDelta::zero(), max: TimeDelta::zero() };
        JobPolicy { running_max, partition_running_max: running_max, lease, backoff, period: None }
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, JobFailure> {
        self.pause_at(Pause::Claim, job.id).await;
        if let Some(file) = self.effects.clone() {
            let line = format!("{}\n", job.id);
            tokio::task::spawn_blocking(move || (&*file).write_all(line.as_bytes()).and_then(|()| file.sync_data()))
                .await??;
        }
        self.pause_at(Pause::Effect, job.id).await;
        // A job that this worker gets back is done.
        if self.options.pause == Some(Pause::Stop) && job.attempts == 1 {
            say(PAUSED, job.id);
            self.wait_until_stopped().await;
        }
        Ok(ChangeSet::new().insert(Event {
            id: EventId::from_uuid(self.ids.next_id()),
            kind: EVENT_KIND.to_owned(),
            subject: format!("job:{}", job.id),
            audience: Audience::Administrators,
            occurred_at: self.clock.now(),
            payload: "{}".to_owned(),
        }))
    }
}

impl Effect {
    async fn pause_at(&self, point: Pause, job: JobId) {
        if self.options.pause == Some(point) {
            pause(job).await;
        }
    }

    async fn wait_until_stopped(&self) {
        let lease = Duration::from_millis(self.options.lease_ms.into());
        let mut last = Instant::now();
        while last.elapsed() < lease {
            last = Instant::now();
            tokio::time::sleep(TICK).await;
        }
    }
}

async fn pause(job: JobId) {
    say(PAUSED, job);
    std::future::pending::<()>().await;
}

/// The store, which reports what becomes of the ends of attempts: completions and failures.
struct ReportingStore {
    store: Arc<dyn Store>,
    pauses: bool,
    completed: AtomicU64,
}

#[async_trait]
impl Store for ReportingStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let about = changes.changes().iter().find_map(|change| match change {
            Change::Delete { id: EditableId::Job(id), .. } => Some((*id, true)),
            Change::Update { record: EditableRecord::Job(job), .. } => Some((job.id, false)),
            _ => None,
        });
        let result = self.store.commit(changes).await;
        match (about, &result) {
            (Some((job, true)), Ok(())) => {
                self.completed.fetch_add(1, Ordering::Relaxed);
                if self.pauses {
                    pause(job).await;
                }
            }
            (Some((job, _)), Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(_)))) => {
                say(REFUSED, job);
            }
            _ => {}
        }
        result
    }
}
