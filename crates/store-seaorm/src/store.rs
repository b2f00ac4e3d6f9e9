//! The store: what implements the ports, and what its clones share.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::write::{ChangeSet, CommitError, Store};

use crate::{
    connections::ConnectionGauges,
    database_file::DatabaseFile,
    incidents::{loaders::IncidentLoaders, numbers::NumberBlocks},
    live_pool::LivePool,
    pools::Pools,
    writability::Writability,
};

/// Implements every storage port of the domain on one database. Clones are cheap, and share everything.
#[derive(Clone)]
pub struct SeaOrmStore(Arc<Inner>);

struct Inner {
    read: LivePool,
    write: LivePool,
    committer: Box<dyn CommitSets>,
    numbers: Arc<NumberBlocks>,
    incident_loaders: IncidentLoaders,
    file: Option<Arc<DatabaseFile>>,
    writability: Writability,
    read_gauges: ConnectionGauges,
    write_gauges: ConnectionGauges,
}

/// The committer, as the store knows it: the committer knows the records, and these the store.
#[async_trait]
pub(crate) trait CommitSets: Send + Sync {
    /// Returns when the changes are stored, or refused.
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError>;

    /// Accepts no more change sets, and stores those that wait.
    async fn close(&self);

    /// Stores these sets as a lane does that has found all of them waiting.
    #[cfg(test)]
    async fn commit_as_one_batch(&self, sets: Vec<ChangeSet>) -> Vec<Result<(), CommitError>>;
}

impl SeaOrmStore {
    pub(crate) fn over(pools: Pools, committer: Box<dyn CommitSets>) -> Self {
        Self(Arc::new(Inner {
            read: pools.read,
            write: pools.write,
            committer,
            numbers: Arc::default(),
            incident_loaders: IncidentLoaders::default(),
            file: pools.file,
            writability: pools.writability,
            read_gauges: ConnectionGauges::new("read"),
            write_gauges: ConnectionGauges::new("write"),
        }))
    }

    /// Accepts no more change sets, stores those that wait, and closes every connection. Later calls fail with
    /// [`CommitError::Unavailable`] or a [`StoreError`](incident_domain::kernel::StoreError).
    pub async fn close(&self) {
        self.0.committer.close().await;
        for pool in [&self.0.write, &self.0.read] {
            if let Err(error) = pool.current().close_by_ref().await {
                tracing::warn!(error = %error, "cannot close a connection pool");
            }
        }
    }

    /// Reports the numbers of connections to the metrics recorder that was installed when the store was built.
    pub fn note_connections(&self) {
        self.0.read_gauges.note(self.0.read.current());
        self.0.write_gauges.note(self.0.write.current());
    }

    pub(crate) fn reader(&self) -> &LivePool {
        &self.0.read
    }

    pub(crate) fn writer(&self) -> &LivePool {
        &self.0.write
    }

    /// Returns whether the file of a SQLite database has lost its name.
    pub(crate) fn is_file_replaced(&self) -> bool {
        self.0.file.as_ref().is_some_and(|file| file.is_replaced())
    }

    /// Returns whether the database takes writes, as far as the last write has shown.
    pub(crate) async fn is_writable(&self) -> bool {
        self.0.writability.check(&self.0.write).await
    }

    pub(crate) fn incident_loaders(&self) -> &IncidentLoaders {
        &self.0.incident_loaders
    }

    #[cfg(test)]
    pub(crate) fn committer(&self) -> &dyn CommitSets {
        self.0.committer.as_ref()
    }

    pub(crate) fn numbers(&self) -> &Arc<NumberBlocks> {
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
