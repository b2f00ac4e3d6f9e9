//! What is measured of the committer.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use incident_domain::ports::CommitError;
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::{
    job::{Job, Outcome},
    lanes::Work,
};

const BATCH_SETS: &str = "incident_committer_batch_sets";
const DURATION: &str = "incident_committer_commit_duration_seconds";
const SETS: &str = "incident_committer_sets_total";
const WAITING: &str = "incident_committer_waiting_sets";

/// What is measured of the change sets that callers bring.
pub(super) struct Measured {
    waiting: Gauge,
    stored: Counter,
    refused: Counter,
    unavailable: Counter,
}

impl Measured {
    /// For the recorder that is in force.
    pub(super) fn new() -> Self {
        describe_gauge!(WAITING, "Change sets whose callers wait for an answer.");
        describe_counter!(SETS, "Change sets whose callers were answered, and what they were told.");
        Self {
            waiting: gauge!(WAITING),
            stored: counter!(SETS, "result" => "stored"),
            refused: counter!(SETS, "result" => "refused"),
            unavailable: counter!(SETS, "result" => "unavailable"),
        }
    }

    /// A set waits from now on, until its caller has an answer or goes away.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        self.waiting.increment(1.0);
        Waiting(&self.waiting)
    }

    pub(super) fn answered(&self, outcome: &Outcome) {
        let counter = match outcome {
            Ok(()) => &self.stored,
            Err(CommitError::Conflict(_)) => &self.refused,
            Err(CommitError::Unavailable(_)) => &self.unavailable,
        };
        counter.increment(1);
    }
}

/// A set that waits.
pub(super) struct Waiting<'a>(&'a Gauge);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Measures each batch that a lane takes.
pub(super) struct MeasuredWork {
    work: Arc<dyn Work>,
    batch_sets: Histogram,
    duration: Histogram,
}

impl MeasuredWork {
    /// For the recorder that is in force.
    pub(super) fn new(work: Arc<dyn Work>) -> Self {
        describe_histogram!(BATCH_SETS, "How many change sets were committed at a time.");
        describe_histogram!(DURATION, "How long it took to commit a batch of change sets.");
        Self { work, batch_sets: histogram!(BATCH_SETS), duration: histogram!(DURATION) }
    }
}

#[async_trait]
impl Work for MeasuredWork {
    async fn commit(&self, jobs: Vec<Job>) {
        self.batch_sets.record(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
        let begun = Instant::now();
        self.work.commit(jobs).await;
        self.duration.record(begun.elapsed());
    }
}
