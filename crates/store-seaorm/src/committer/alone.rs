//! One set in a transaction of its own, in the set's own order, so that what it is refused for is its own
//! first fault.

use std::slice;

use incident_domain::ports::{CommitError, Conflict};

use super::{
    in_order::{self, Stop},
    job::{Job, Outcome},
    step::Sharing,
    transaction::Transaction,
    writer::{Failure, Writer},
};
use crate::error::{Away, WriteFailure};

/// How often a set is tried that other transactions get in the way of.
const ATTEMPTS_MAX: u32 = 5;

impl Writer {
    /// Stores one job. The outer error means that the database is away, and would be for others too.
    pub(super) async fn alone(&self, job: &mut Job) -> Result<Outcome, Failure> {
        let may_be_one_message = self.in_doubt.is_some() && job.only_inserts();
        if (job.sharing() == Sharing::AloneAsMany || may_be_one_message) && self.is_stored_as_many(job).await? {
            return Ok(Ok(()));
        }
        for _ in 0..ATTEMPTS_MAX {
            let failure = match self.in_time(self.attempt(job)).await {
                Ok(verdict) => return Ok(verdict.map_err(CommitError::from)),
                Err(failure) => failure,
            };
            let conflict = match failure.meaning() {
                WriteFailure::Away => return Err(failure),
                WriteFailure::Contention => continue,
                WriteFailure::Refused | WriteFailure::Missing(None) => None,
                WriteFailure::Duplicate(key) => Some(Conflict::Duplicate(key)),
                WriteFailure::Missing(Some(reference)) => Some(Conflict::Missing(reference)),
            };
            return Ok(Err(conflict.map_or_else(|| failure.to_commit_error(), CommitError::from)));
        }
        Ok(Err(Away::Contention { attempts: ATTEMPTS_MAX }.into()))
    }

    /// Tries a set in few statements. What is wrong with it otherwise, its own order tells.
    async fn is_stored_as_many(&self, job: &mut Job) -> Result<bool, Failure> {
        match self.in_time(self.together(slice::from_mut(job))).await {
            Ok(verdicts) => Ok(verdicts.iter().all(Result::is_ok)),
            Err(failure) if failure.meaning() == WriteFailure::Away => Err(failure),
            Err(_) => Ok(false),
        }
    }

    async fn attempt(&self, job: &mut Job) -> Result<Result<(), Conflict>, Failure> {
        let steps = job.take_steps();
        let transaction = Transaction::begin(&self.connection, &self.sql).await?;
        let stop = match in_order::run(steps, job.changes().changes(), &transaction).await {
            Ok(()) => {
                transaction.commit().await?;
                return Ok(Ok(()));
            }
            Err(stop) => stop,
        };
        transaction.roll_back().await;
        match stop {
            Stop::Refused(conflict) => Ok(Err(conflict)),
            Stop::Failed(error) => Err(error.into()),
        }
    }
}
