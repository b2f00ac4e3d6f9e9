//! The committer: the only code that commits change sets.
//!
//! Callers queue their change sets; a lane takes the sets that wait, never waits for more, and stores all of them in one
//! transaction with few statements. That is what makes many callers cheap: they share the transaction, its flush to the
//! disk, and multi-row inserts. Sets with other changes than inserts and those whose tables say that they share a
//! transaction have one each, after those of the same batch that share one.
//!
//! The committer knows tables by their descriptions and names none of them. A record's own file says what its table is,
//! and which conflicts its constraints mean.
//!
//! Invariants:
//!
//! - Every caller is answered, whatever happens to the lane, the database or the other callers.
//! - A set is refused for its own faults only: a batch that fails is rolled back, and each of its sets gets a
//!   transaction of its own.
//! - A transaction that has met an error is never committed.
//! - An idle committer holds no transaction, lock or connection.

mod batch;
mod failure;
mod guarded;
mod in_order;
mod metrics;
mod queue;
mod references;
mod statements;
mod step;
mod tables;
mod touches;
mod transaction;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::write::{ChangeSet, CommitError};
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::{error::Unavailable, options::StoreOptions, pools::Pools, store::CommitSets};
use metrics::{MeasuredBatches, SetMetrics};
use queue::{Lanes, Limits, QueuedSet, StoreBatch};
use writer::Writer;

/// Takes change sets and answers when they are stored, or refused.
pub(crate) struct Committer {
    lanes: Lanes,
    metrics: SetMetrics,
    enqueue_timeout: Duration,
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
        let measured = MeasuredBatches::new(Arc::clone(&writer) as Arc<dyn StoreBatch>);
        let lanes = Lanes::start(runtime, Arc::new(measured), &limits);
        Self {
            lanes,
            metrics: SetMetrics::new(),
            enqueue_timeout: options.acquire_timeout,
            #[cfg(test)]
            writer,
        }
    }

    async fn commit_with_others(&self, changes: ChangeSet) -> Result<(), CommitError> {
        // Each caller builds its own rows, not the lane that all of them wait for.
        let (set, answer) = QueuedSet::new(changes);
        self.lanes.enqueue(set, self.enqueue_timeout).await?;
        answer.await.unwrap_or_else(|_| Err(Unavailable::LaneFailed.into()))
    }
}

#[async_trait]
impl CommitSets for Committer {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        if changes.changes().is_empty() {
            return Ok(());
        }
        let _waiting = self.metrics.waiting();
        let span = tracing::info_span!("commit", changes = changes.changes().len());
        let outcome = self.commit_with_others(changes).instrument(span).await;
        self.metrics.answered(&outcome);
        outcome
    }

    async fn close(&self) {
        self.lanes.close().await;
    }

    #[cfg(test)]
    async fn commit_as_one_batch(&self, sets: Vec<ChangeSet>) -> Vec<Result<(), CommitError>> {
        let (sets, answers): (Vec<QueuedSet>, Vec<_>) = sets.into_iter().map(QueuedSet::new).unzip();
        self.writer.store(sets).await;
        let mut outcomes = Vec::new();
        for answer in answers {
            outcomes.push(answer.await.expect("every caller is answered"));
        }
        outcomes
    }
}
