//! The one way in which anything is written.

use async_trait::async_trait;
use thiserror::Error;

use super::ChangeSet;
use crate::kernel::{Conflict, StoreError};

/// Stores change sets.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores every change of the set, or none.
    ///
    /// - MUST be durable before it answers `Ok`.
    /// - MUST leave no trace of a set that it refuses, whichever of its changes is at fault.
    /// - MUST answer [`Conflict::Stale`] when a change expects a version, a timeline length or a lease's fence that is
    ///   not the stored one, or an unspent refresh token that is spent; of several writers that expect the same,
    ///   exactly one succeeds.
    /// - MUST answer [`Conflict::Duplicate`] with the key when a unique key is taken.
    /// - MUST answer [`Conflict::Missing`] with the kind when a change names a record that does not exist.
    /// - MUST answer [`Conflict::InUse`] when another record refers to one that is to be deleted by
    ///   [`OnDelete::Restrict`](crate::kernel::OnDelete).
    /// - MUST delete what refers to a deleted record by [`OnDelete::Cascade`](crate::kernel::OnDelete), and empty
    ///   references by [`OnDelete::Clear`](crate::kernel::OnDelete) without raising versions. Events and actions stay.
    /// - MUST end exactly the selected sessions and API tokens that have not ended before; the end of the others stays
    ///   as it was.
    /// - MUST move the time at which a session or an API token was last used forwards only.
    /// - MUST purge exactly the sessions that ended before the time, at most the given number, those with the smallest
    ///   ids first.
    /// - MUST purge exactly the kept replies that expired before the time, at most the given number, those that expired
    ///   first before others.
    /// - MUST make the changes of a set in their order, so that each may build on those before it.
    /// - MUST give events positions in the order of commits, and those of one set in the set's order.
    /// - MUST answer each of several concurrent callers for their own set, whatever happens to the others'.
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError>;
}

/// Why a change set was not stored.
#[derive(Debug, Error)]
pub enum CommitError {
    /// It contradicts what is stored: nothing of it was kept.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store does not work: it is not known whether the set was kept.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}
