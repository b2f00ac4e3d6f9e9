//! The port through which everything is written.

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
    /// - MUST be durable before it returns `Ok`.
    /// - MUST leave no trace of a set that it refuses, whichever change is the cause.
    /// - MUST return [`Conflict::Stale`] when a change expects a version, a timeline length or a lease's fence that is
    ///   not the stored one, or an unspent refresh token that is spent; of several writers that expect the same,
    ///   exactly one succeeds.
    /// - MUST return [`Conflict::Duplicate`] with the key when a unique key is taken.
    /// - MUST return [`Conflict::Missing`] with the kind when a change names a record that does not exist.
    /// - MUST return [`Conflict::InUse`] when another record refers to a record to be deleted by
    ///   [`OnDelete::Restrict`](crate::kernel::OnDelete).
    /// - MUST delete what refers to a deleted record by [`OnDelete::Cascade`](crate::kernel::OnDelete), and empty
    ///   references by [`OnDelete::Clear`](crate::kernel::OnDelete) without raising versions. Events and actions stay.
    /// - MUST revoke exactly the selected sessions and API tokens that are not revoked yet; earlier revocations stay as
    ///   they are.
    /// - MUST move the time of a session's or an API token's last use forwards only.
    /// - MUST purge exactly the sessions that ended before the time, at most the given number, those with the smallest
    ///   ids first.
    /// - MUST purge exactly the stored replies that expired before the time, at most the given number, those that
    ///   expired first before others.
    /// - MUST apply the changes of a set in their order, so that each may build on those before it.
    /// - MUST give events positions in the order of commits, and those of one set in the set's order.
    /// - MUST return to each of several concurrent callers the result of their own set, whatever happens to the
    ///   others'.
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError>;
}

/// The reason why a change set was not stored.
#[derive(Debug, Error)]
pub enum CommitError {
    /// The set contradicts stored data; nothing of it was stored.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store failed; it is unknown whether the set was stored.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}
