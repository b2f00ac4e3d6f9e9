//! The committer: the one place that writes.
//!
//! Callers put their change sets into a queue; a lane takes whatever waits, never waits for more, and
//! stores it all in one transaction with few statements. That is what makes many callers cheap: they
//! share the transaction, its flush to the disk, and the multi-row inserts. Sets that do more to anything but
//! incidents than insert it have a transaction each, after those of the same batch that share one.
//!
//! Invariants:
//!
//! - Every caller is answered, whatever becomes of the lane, the database or the other callers.
//! - A set is refused for its own faults only: a batch that fails is rolled back, and each of its sets
//!   gets a transaction of its own.
//! - A transaction that has seen an error is never committed.
//! - Nothing is held while nothing is to be done: no transaction, no lock, no connection.

mod alone;
mod batch;
mod in_order;
mod job;
mod lanes;
mod measured;
mod referred;
mod solo;
mod sql;
mod step;
mod table;
mod transaction;
mod writer;

use std::{sync::Arc, time::Duration};

use incident_domain::{ChangeSet, ports::CommitError};
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::{StoreOptions, error::Away, pools::Pools};
use job::Job;
use lanes::{Lanes, Limits, Work};
use measured::{Measured, MeasuredWork};
use writer::Writer;

/// Takes change sets and answers when they are stored, or refused.
pub(crate) struct Committer {
    lanes: Lanes,
    measured: Measured,
    place_timeout: Duration,
    #[cfg(test)]
    writer: Arc<Writer>,
}

impl Committer {
    pub(crate) fn start(runtime: &Handle, pools: &Pools, options: &StoreOptions) -> Self {
        let limits = Limits {
            lanes: pools.lanes,
            batch_sets_max: options.batch_sets_max.max(1),
            queue_sets_max: options.queue_sets_max.max(1),
        };
        let writer = Arc::new(Writer::new(pools, options.transaction_timeout));
        let work = MeasuredWork::new(Arc::clone(&writer) as Arc<dyn Work>);
        let lanes = Lanes::start(runtime, Arc::new(work), &limits);
        Self {
            lanes,
            measured: Measured::new(),
            place_timeout: options.acquire_timeout,
            #[cfg(test)]
            writer,
        }
    }

    pub(crate) async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        if changes.changes().is_empty() {
            return Ok(());
        }
        let _waiting = self.measured.waiting();
        let span = tracing::info_span!("commit", changes = changes.changes().len());
        let outcome = self.commit_with_others(changes).instrument(span).await;
        self.measured.answered(&outcome);
        outcome
    }

    async fn commit_with_others(&self, changes: ChangeSet) -> Result<(), CommitError> {
        // Rows are made here, by each caller for itself, and not by the lane that all of them wait for.
        let (job, answer) = Job::new(changes);
        self.lanes.enqueue(job, self.place_timeout).await?;
        answer.await.unwrap_or_else(|_| Err(Away::LaneDied.into()))
    }

    pub(crate) async fn close(&self) {
        self.lanes.close().await;
    }
}

#[cfg(test)]
impl Committer {
    /// Hands these sets to the writer as a lane does that found them all waiting.
    pub(crate) async fn commit_as_one_batch(&self, sets: Vec<ChangeSet>) -> Vec<Result<(), CommitError>> {
        let (jobs, answers): (Vec<Job>, Vec<_>) = sets.into_iter().map(Job::new).unzip();
        self.writer.commit(jobs).await;
        let mut outcomes = Vec::new();
        for answer in answers {
            outcomes.push(answer.await.expect("every caller is answered"));
        }
        outcomes
    }
}
