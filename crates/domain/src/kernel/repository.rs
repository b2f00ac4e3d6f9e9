//! Reading records by their identifiers.

use async_trait::async_trait;

use super::{Record, RecordId, StoreError};

/// The most identifiers that [`Repository::find_many`] takes at once.
pub const FIND_MANY_MAX: usize = 500;

/// Reads records of one kind by their identifiers.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Repository<R: Record<Id: RecordId>>: Send + Sync {
    /// Returns the record with this identifier.
    ///
    /// - MUST return every field exactly as it was committed.
    /// - MUST see every commit that completed before the call.
    /// - MUST return `None` for a record that does not exist or was deleted.
    async fn find(&self, id: R::Id) -> Result<Option<R>, StoreError>;

    /// Returns the records with these identifiers that exist, in any order; takes at most [`FIND_MANY_MAX`].
    ///
    /// - MUST return every field exactly as it was committed.
    async fn find_many(&self, ids: &[R::Id]) -> Result<Vec<R>, StoreError>;
}
