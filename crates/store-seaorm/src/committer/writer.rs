//! Stores jobs: together if it can be, each alone otherwise.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::ports::{CommitError, StoreError};
use sea_orm::{DatabaseConnection, DbErr};

use super::{
    job::{Job, Outcome},
    lanes::Work,
    sql::Sql,
    step::Sharing,
};
use crate::{
    error::{Away, WriteFailure, shared_failure},
    in_doubt::InDoubt,
    pools::Pools,
};

pub(super) struct Writer {
    pub(super) connection: DatabaseConnection,
    pub(super) sql: Sql,
    pub(super) in_doubt: Option<InDoubt>,
    transaction_timeout: Duration,
}

/// Why a transaction was not committed.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The database said so.
    Database(Arc<DbErr>),
    /// It took too long.
    Timeout,
    /// A set needs a transaction of its own: it has several guarded statements and was refused by one that
    /// was not its first, or it has others that nothing is shared with.
    Entangled,
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl Failure {
    pub(super) fn meaning(&self) -> WriteFailure {
        match self {
            Self::Database(error) => WriteFailure::of(error),
            Self::Timeout => WriteFailure::Away,
            Self::Entangled => WriteFailure::Contention,
        }
    }

    /// What to tell a caller for whom this failure means nothing better.
    pub(super) fn to_commit_error(&self) -> CommitError {
        match self {
            Self::Database(error) => shared_failure(error),
            Self::Timeout | Self::Entangled => CommitError::Unavailable(StoreError::unavailable(Away::Timeout)),
        }
    }
}

impl Writer {
    pub(super) fn new(pools: &Pools, transaction_timeout: Duration) -> Self {
        let connection = pools.write.clone();
        let sql = Sql::new(connection.get_database_backend(), pools.statement_bytes_max);
        Self { connection, sql, in_doubt: pools.in_doubt.clone(), transaction_timeout }
    }

    /// Waits for a transaction, but not for ever. One that is given up is rolled back when it is dropped.
    pub(super) async fn in_time<T>(&self, work: impl Future<Output = Result<T, Failure>> + Send) -> Result<T, Failure> {
        tokio::time::timeout(self.transaction_timeout, work).await.unwrap_or(Err(Failure::Timeout))
    }
}

#[async_trait]
impl Work for Writer {
    /// Those that share a transaction first: they do not wait for those that cannot.
    async fn commit(&self, mut jobs: Vec<Job>) {
        let alone: Vec<Job> = jobs.extract_if(.., |job| job.sharing() != Sharing::Shared).collect();
        let away = self.together_if_possible(jobs).await;
        self.one_by_one(alone, away).await;
    }
}

impl Writer {
    /// Answers the failure that shows the database to be away, if it is.
    async fn together_if_possible(&self, mut jobs: Vec<Job>) -> Option<Failure> {
        if jobs.len() > 1 {
            match self.in_time(self.together(&mut jobs)).await {
                Ok(verdicts) => {
                    for (job, verdict) in jobs.into_iter().zip(verdicts) {
                        job.answer(verdict.map_err(CommitError::from));
                    }
                    return None;
                }
                Err(failure) if failure.meaning() == WriteFailure::Away => {
                    for job in jobs {
                        job.answer(Err(failure.to_commit_error()));
                    }
                    return Some(failure);
                }
                // One of the sets is at fault. Alone, each is told what it did itself.
                Err(failure) => tracing::debug!(sets = jobs.len(), ?failure, "a batch is committed set by set"),
            }
        }
        self.one_by_one(jobs, None).await
    }

    /// Answers the failure that shows the database to be away, if it is.
    async fn one_by_one(&self, jobs: Vec<Job>, mut away: Option<Failure>) -> Option<Failure> {
        for mut job in jobs {
            // A database that was just found to be away is not asked again for every set that waits.
            let outcome = match &away {
                Some(failure) => Err(failure.clone()),
                None => self.alone(&mut job).await,
            };
            job.answer(match outcome {
                Ok(outcome) => outcome,
                Err(failure) => {
                    let error = failure.to_commit_error();
                    away = Some(failure);
                    Outcome::Err(error)
                }
            });
        }
        away
    }
}
