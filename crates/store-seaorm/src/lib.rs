//! # The SeaORM adapter
//!
//! It implements the storage ports of [`incident_domain`] on SQLite and PostgreSQL. Reads use a pool of their own; every
//! write is a change set that the committer stores together with those of other callers.
//!
//! It must never know a use case, HTTP, or another adapter. It does not change the schema: the migrations make the tables.
//!
//! ## To add a record
//!
//! 1. Name it in the domain's list of records, and add its table by a migration.
//! 2. Write one file in the folder of its context: the row, `StoredRecord`, which holds
//!    the mapping and what each constraint means, and the repository with its own queries. Name the file in the folder's
//!    `mod.rs`.
//! 3. Run the contract: `cargo test -p incident-store-seaorm`.
//!
//! Inserts, updates, deletions and reads by identifier work for every record without more.

mod backup;
#[cfg(feature = "baseline")]
pub mod baseline;
mod catalog;
mod committer;
mod connections;
mod error;
mod identity;
mod in_doubt;
mod incidents;
mod kernel;
mod options;
mod pools;
mod query;
mod record;
mod synchronous;
mod table;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::write::{ChangeSet, CommitError, Store};
use sea_orm::DatabaseConnection;
use tokio::runtime::Handle;

pub use backup::BackupError;
pub use options::{DatabaseUrl, StatementLog, StoreOptions};
pub use pools::BuildError;

use committer::Committer;
use connections::ConnectionGauges;
use incidents::{loaders::IncidentLoaders, numbers::NumberBlocks};
use pools::Pools;

/// Implements every storage port of the domain on one database. Clones are cheap, and share everything.
#[derive(Clone)]
pub struct SeaOrmStore(Arc<Inner>);

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    committer: Committer,
    numbers: NumberBlocks,
    incident_loaders: IncidentLoaders,
    read_gauges: ConnectionGauges,
    write_gauges: ConnectionGauges,
}

impl SeaOrmStore {
    /// Builds a store without connecting. It connects at the first use, and again whenever that is needed, so that this
    /// does not fail while the database is unavailable.
    ///
    /// The committer runs on the tokio runtime from which this is called, and reports to the metrics recorder that is
    /// installed now.
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
            incident_loaders: IncidentLoaders::default(),
            read_gauges: ConnectionGauges::new("read"),
            write_gauges: ConnectionGauges::new("write"),
        }))
    }

    /// Accepts no more change sets, stores those that wait, and closes every connection. Later calls fail with
    /// [`CommitError::Unavailable`] or a [`StoreError`](incident_domain::kernel::StoreError).
    pub async fn close(&self) {
        self.0.committer.close().await;
        for pool in [&self.0.write, &self.0.read] {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(error = %error, "cannot close a connection pool");
            }
        }
    }

    /// Reports the numbers of connections to the metrics recorder that was installed when the store was built.
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

    fn incident_loaders(&self) -> &IncidentLoaders {
        &self.0.incident_loaders
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
