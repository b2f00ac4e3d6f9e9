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
mod database_file;
mod error;
mod few_lengths;
mod identity;
mod in_doubt;
mod incidents;
mod kernel;
mod live_pool;
mod options;
mod pools;
mod query;
mod record;
mod store;
mod synchronous;
mod table;
#[cfg(test)]
mod tests;
mod work;
mod writability;

use tokio::runtime::Handle;

pub use backup::BackupError;
pub use options::{DatabaseUrl, StatementLog, StoreOptions};
pub use pools::BuildError;
pub use store::SeaOrmStore;

use committer::Committer;
use pools::Pools;

impl SeaOrmStore {
    /// Builds a store without connecting. It connects at the first use, and again whenever that is needed, so that this
    /// does not fail while the database is unavailable.
    ///
    /// The committer runs on the tokio runtime from which this is called, and reports to the metrics recorder that is
    /// installed now.
    pub fn build(options: &StoreOptions) -> Result<Self, BuildError> {
        let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
        Ok(Self::start(Pools::build(options)?, &runtime, options))
    }

    fn start(pools: Pools, runtime: &Handle, options: &StoreOptions) -> Self {
        let committer = Committer::start(runtime, &pools, options);
        Self::over(pools, Box::new(committer))
    }
}
