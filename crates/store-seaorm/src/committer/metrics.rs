//! Metrics of the committer, reported to the recorder that is installed when it starts.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use incident_domain::write::CommitError;
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::queue::{Outcome, QueuedSet, StoreBatch};

const BATCH_SETS: &str = "incident_committer_batch_sets";
const DURATION: &str = "incident_committer_commit_duration_seconds";
const SETS: &str = "incident_committer_sets_total";
const WAITING: &str = "incident_committer_waiting_sets";

/// Metrics of the change sets that callers commit.
pub(super) struct SetMetrics {
    waiting: Gauge,
    stored: Counter,
    refused: Counter,
    unavailable: Counter,
}

impl SetMetrics {
    pub(super) fn new() -> Self {
        describe_gauge!(WAITING, "Change sets whose callers wait for an answer.");
        describe_counter!(SETS, "Change sets whose callers were answered, by result.");
        Self {
            waiting: gauge!(WAITING),
            stored: counter!(SETS, "result" => "stored"),
            refused: counter!(SETS, "result" => "refused"),
            unavailable: counter!(SETS, "result" => "unavailable"),
        }
    }

    /// Counts a set as waiting until the guard is dropped.
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

/// Measures each batch that a lane stores.
pub(super) struct MeasuredBatches {
    store: Arc<dyn StoreBatch>,
    batch_sets: Histogram,
    duration: Histogram,
}

impl MeasuredBatches {
    pub(super) fn new(store: Arc<dyn StoreBatch>) -> Self {
        describe_histogram!(BATCH_SETS, "How many change sets were committed at a time.");
        describe_histogram!(DURATION, "How long it took to commit a batch of change sets.");
        Self { store, batch_sets: histogram!(BATCH_SETS), duration: histogram!(DURATION) }
    }
}

#[async_trait]
impl StoreBatch for MeasuredBatches {
    async fn store(&self, sets: Vec<QueuedSet>) {
        self.batch_sets.record(u32::try_from(sets.len()).unwrap_or(u32::MAX));
        let begun = Instant::now();
        self.store.store(sets).await;
        self.duration.record(begun.elapsed());
    }
}
