//! Pools that recover from connections that have become silent.
//!
//! The driver waits for a response without a limit, and so does the ping with which it returns a connection to its pool.
//! When a firewall forgets a connection or a machine vanishes, nothing arrives any more, not even an error, and the
//! operating system notices after minutes. So everything has a deadline here. After a deadline has passed, and when no
//! connection could be had although nobody else got one, a new pool takes the place of the old one, whose connections may
//! never be returned.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use tokio::time::Instant;

/// A younger pool without a free connection is busy: its connections have not been silent for long enough to know.
const EXHAUSTED_POOL_AGE_MIN: Duration = Duration::from_secs(30);

/// How long a replaced pool may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_mins(1);

/// The connections to the database. Clones share them.
#[derive(Clone)]
pub(crate) struct LivePool(Arc<Shared>);

struct Shared {
    first: Generation,
    /// What a replacement needs; nothing for SQLite, whose files do not become silent.
    renewal: Option<Renewal>,
}

/// A pool, and the one that replaced it. A replaced pool stays until the store is dropped, without its connections.
struct Generation {
    pool: DatabaseConnection,
    built_at: Instant,
    next: OnceLock<Box<Generation>>,
}

struct Renewal {
    /// Builds a pool, which connects when it is used.
    build: Box<dyn Fn() -> DatabaseConnection + Send + Sync>,
    acquisitions: Acquisitions,
    statement_timeout: Duration,
}

/// How often somebody got a connection.
#[derive(Clone, Default)]
pub(crate) struct Acquisitions(Arc<AtomicU64>);

impl Acquisitions {
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Generation {
    fn new(pool: DatabaseConnection) -> Self {
        Self { pool, built_at: Instant::now(), next: OnceLock::new() }
    }
}

impl LivePool {
    /// Keeps this pool for ever.
    pub(crate) fn unchanging(pool: DatabaseConnection) -> Self {
        Self(Arc::new(Shared { first: Generation::new(pool), renewal: None }))
    }

    /// Replaces pools by others that are built in the same way. Whoever gets a connection out of one is noted in
    /// `acquisitions`.
    pub(crate) fn renewable(
        build: impl Fn() -> DatabaseConnection + Send + Sync + 'static,
        acquisitions: Acquisitions,
        statement_timeout: Duration,
    ) -> Self {
        let first = Generation::new(build());
        let renewal = Some(Renewal { build: Box::new(build), acquisitions, statement_timeout });
        Self(Arc::new(Shared { first, renewal }))
    }

    pub(crate) fn get_database_backend(&self) -> DbBackend {
        self.0.first.pool.get_database_backend()
    }

    /// Returns the pool of now.
    pub(crate) fn current(&self) -> &DatabaseConnection {
        &self.generation().pool
    }

    #[cfg(test)]
    pub(crate) fn first_mut(&mut self) -> &mut DatabaseConnection {
        &mut Arc::get_mut(&mut self.0).expect("a pool that is not shared yet").first.pool
    }

    /// Limits how long something that needs a connection may take. If it takes longer, the pool on which it began is
    /// replaced.
    pub(crate) async fn in_time<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        let generation = self.generation();
        let outcome = tokio::time::timeout(limit, work).await.ok();
        if outcome.is_none() {
            self.replace(generation);
        }
        outcome
    }

    fn generation(&self) -> &Generation {
        let mut generation = &self.0.first;
        while let Some(next) = generation.next.get() {
            generation = next;
        }
        generation
    }

    /// Replaces a pool, unless somebody else has.
    fn replace(&self, generation: &Generation) {
        let Some(renewal) = &self.0.renewal else { return };
        let mut is_replaced_now = false;
        generation.next.get_or_init(|| {
            is_replaced_now = true;
            Box::new(Generation::new((renewal.build)()))
        });
        if is_replaced_now {
            tracing::warn!("connections to the database do not answer and are replaced");
            let old = generation.pool.clone();
            // Connections that are in use are closed when they are returned; those that are silent never are.
            tokio::spawn(async move { tokio::time::timeout(CLOSE_TIMEOUT, old.close()).await });
        }
    }

    /// Sends a statement, and waits for its answer within the limit.
    async fn answered<'a, T, F>(&'a self, send: impl FnOnce(&'a DatabaseConnection) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let generation = self.generation();
        let Some(renewal) = &self.0.renewal else { return send(&generation.pool).await };
        let acquired = renewal.acquisitions.count();
        let answer = self.in_time(renewal.statement_timeout, send(&generation.pool)).await;
        let answer = answer.unwrap_or_else(|| Err(DbErr::Conn(RuntimeErr::Internal("no answer in time".to_owned()))));
        let had_no_connection = matches!(&answer, Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)));
        let is_exhausted = had_no_connection && renewal.acquisitions.count() == acquired;
        if is_exhausted && generation.built_at.elapsed() >= EXHAUSTED_POOL_AGE_MIN {
            self.replace(generation);
        }
        answer
    }
}

#[async_trait]
impl ConnectionTrait for LivePool {
    fn get_database_backend(&self) -> DbBackend {
        self.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.answered(|pool| pool.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.answered(|pool| pool.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.answered(|pool| pool.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.answered(|pool| pool.query_all_raw(statement)).await
    }
}
