//! Stores sets: together if possible, and otherwise one by one.

use std::{future::Future, slice, time::Duration};

use async_trait::async_trait;
use incident_domain::{kernel::Conflict, write::CommitError};

use super::{
    batch::commit_together,
    failure::{Failure, WriteFailure},
    in_order::commit_in_order,
    queue::{Outcome, QueuedSet, StoreBatch},
    step::Sharing,
    transaction::WriteConnections,
};
use crate::{error::Unavailable, pools::Pools};

/// How often a set is tried if other transactions interfere.
const ATTEMPTS_MAX: u32 = 5;

pub(super) struct Writer {
    connections: WriteConnections,
    transaction_timeout: Duration,
}

#[async_trait]
impl StoreBatch for Writer {
    /// Stores first the sets that share a transaction: they do not wait for the others.
    async fn store(&self, mut sets: Vec<QueuedSet>) {
        let solo: Vec<QueuedSet> = sets.extract_if(.., |set| set.sharing() != Sharing::Shared).collect();
        let unavailable = self.store_together(sets).await;
        self.store_one_by_one(solo, unavailable).await;
    }
}

impl Writer {
    pub(super) fn new(pools: &Pools, transaction_timeout: Duration) -> Self {
        Self { connections: WriteConnections::new(pools), transaction_timeout }
    }

    /// Stores sets in one transaction if possible. Returns the failure that shows that the database is unavailable.
    async fn store_together(&self, mut sets: Vec<QueuedSet>) -> Option<Failure> {
        if sets.len() > 1 {
            match self.in_time(commit_together(&self.connections, &mut sets)).await {
                Ok(verdicts) => {
                    for (set, verdict) in sets.into_iter().zip(verdicts) {
                        set.answer(verdict.map_err(CommitError::from));
                    }
                    return None;
                }
                Err(failure) if failure.meaning() == WriteFailure::Unavailable => {
                    for set in sets {
                        set.answer(Err(failure.to_commit_error()));
                    }
                    return Some(failure);
                }
                // One of the sets is at fault, and will get its own error.
                Err(failure) => tracing::debug!(sets = sets.len(), ?failure, "a batch is committed set by set"),
            }
        }
        self.store_one_by_one(sets, None).await
    }

    /// Stores each set in its own transaction. Returns the failure that shows that the database is unavailable.
    async fn store_one_by_one(&self, sets: Vec<QueuedSet>, mut unavailable: Option<Failure>) -> Option<Failure> {
        for mut set in sets {
            // A database that is unavailable is not tried again for every set that waits.
            let outcome = match &unavailable {
                Some(failure) => Err(failure.clone()),
                None => self.store_solo(&mut set).await,
            };
            set.answer(match outcome {
                Ok(outcome) => outcome,
                Err(failure) => {
                    let error = failure.to_commit_error();
                    unavailable = Some(failure);
                    Outcome::Err(error)
                }
            });
        }
        unavailable
    }

    /// Stores one set. The outer error means that the database is unavailable, for other sets too.
    async fn store_solo(&self, set: &mut QueuedSet) -> Result<Outcome, Failure> {
        let may_be_one_message = self.connections.take_whole_transactions() && set.only_inserts();
        if (set.sharing() == Sharing::SoloBatched || may_be_one_message) && self.is_stored_batched(set).await? {
            return Ok(Ok(()));
        }
        for _ in 0..ATTEMPTS_MAX {
            let failure = match self.in_time(commit_in_order(&self.connections, set)).await {
                Ok(verdict) => return Ok(verdict.map_err(CommitError::from)),
                Err(failure) => failure,
            };
            let conflict = match failure.meaning() {
                WriteFailure::Unavailable => return Err(failure),
                WriteFailure::Contention => continue,
                WriteFailure::Refused | WriteFailure::Missing(None) => None,
                WriteFailure::Duplicate(key) => Some(Conflict::Duplicate(key)),
                WriteFailure::Missing(Some(kind)) => Some(Conflict::Missing(kind)),
            };
            return Ok(Err(conflict.map_or_else(|| failure.to_commit_error(), CommitError::from)));
        }
        Ok(Err(Unavailable::Contention { attempts: ATTEMPTS_MAX }.into()))
    }

    /// Tries a set in few statements. If it is refused, it is tried in its own order, which finds its first fault.
    async fn is_stored_batched(&self, set: &mut QueuedSet) -> Result<bool, Failure> {
        match self.in_time(commit_together(&self.connections, slice::from_mut(set))).await {
            Ok(verdicts) => Ok(verdicts.iter().all(Result::is_ok)),
            Err(failure) if failure.meaning() == WriteFailure::Unavailable => Err(failure),
            Err(_) => Ok(false),
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
        self.connections.in_time(self.transaction_timeout, work).await
    }
}
