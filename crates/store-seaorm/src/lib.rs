//! # The SeaORM adapter
//!
//! Why it exists: it keeps the promises of the storing ports in [`incident_domain::ports`] on SQLite and
//! PostgreSQL. Reads go through a pool of their own; every write is a change set that the committer
//! stores together with those of other callers.
//!
//! It must never know a use case, HTTP, or another adapter, and it changes no schema: the tables are
//! there, made by the migrations.
//!
//! ## To add a kind of thing that is stored
//!
//! 1. Write its row in `row/`, with the conversion from and to the domain.
//! 2. If change sets insert it, add its table to `committer/table.rs` and its change to
//!    `committer/step.rs`; name its unique and foreign keys in `error.rs`. What else changes it goes into
//!    `committer/solo.rs`, and has a transaction of its own.
//! 3. Implement its port in `read/`, one file each.
//! 4. Run the contract: `cargo test -p incident-store-seaorm`.

mod backup;
mod committer;
mod connections;
mod error;
mod in_doubt;
mod options;
mod pools;
mod read;
mod row;
mod search_texts;
mod synchronous;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    ChangeSet,
    ports::{CommitError, Store},
};
use sea_orm::DatabaseConnection;
use tokio::runtime::Handle;

pub use backup::BackupError;
pub use options::{DatabaseUrl, StatementLog, StoreOptions};
pub use pools::BuildError;

use committer::Committer;
use connections::ConnectionGauges;
use pools::Pools;
use read::{LookedFor, NumberBlocks};

/// Every storing port of the domain, on one database. Cloning it is cheap, and the clones are the same
/// store.
#[derive(Clone)]
pub struct SeaOrmStore(Arc<Inner>);

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    committer: Committer,
    numbers: NumberBlocks,
    looked_for: LookedFor,
    read_gauges: ConnectionGauges,
    write_gauges: ConnectionGauges,
}

impl SeaOrmStore {
    /// Builds a store without connecting: that happens at the first use, and again whenever it is needed,
    /// so that a database that is away now is no reason to fail.
    ///
    /// The committer runs on the tokio runtime from which this is called, and tells what it measures to the recorder
    /// of metrics that is in force here.
    pub fn build(options: &StoreOptions) -> Result<Self, BuildError> {
        let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
        Ok(Self::over(Pools::build(options)?, &runtime, options))
    }

    fn over(pools: Pools, runtime: &Handle, options: &StoreOptions) -> Self {
        let committer = Committer::start(runtime, &pools, options);
        Self(Arc::new(Inner {
            read: pools.read,
            write: pools.write,
            committer,
            numbers: NumberBlocks::default(),
            looked_for: LookedFor::default(),
            read_gauges: ConnectionGauges::new("read"),
            write_gauges: ConnectionGauges::new("write"),
        }))
    }

    /// Takes no more change sets, finishes those that wait, and closes every connection. What is asked
    /// of the store afterwards is answered with [`CommitError::Unavailable`] and its like.
    pub async fn close(&self) {
        self.0.committer.close().await;
        for pool in [&self.0.write, &self.0.read] {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(error = %error, "a connection pool did not close");
            }
        }
    }

    /// Notes how many connections there are, where the recorder that was in force when this was built finds it.
    pub fn note_connections(&self) {
        self.0.read_gauges.note(&self.0.read);
        self.0.write_gauges.note(&self.0.write);
    }

    fn reader(&self) -> &DatabaseConnection {
        &self.0.read
    }

    fn writer(&self) -> &DatabaseConnection {
        &self.0.write
    }

    fn looked_for(&self) -> &LookedFor {
        &self.0.looked_for
    }

    fn numbers(&self) -> &NumberBlocks {
        &self.0.numbers
    }
}

#[async_trait]
impl Store for SeaOrmStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        self.0.committer.commit(changes).await
    }
}

impl std::fmt::Debug for SeaOrmStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeaOrmStore")
    }
}
