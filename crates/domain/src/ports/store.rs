//! The one way in which anything is written.

use std::{error::Error, fmt};

use async_trait::async_trait;
use thiserror::Error;

use crate::ChangeSet;

/// Stores change sets.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores every change of the set, or none.
    ///
    /// - MUST be durable before it answers `Ok`.
    /// - MUST leave no trace of a set that it refuses, whichever of its changes is at fault.
    /// - MUST answer [`Conflict::Stale`] when a change expects a version or a timeline length that is not
    ///   the stored one, or a living refresh token that is spent; of several writers that expect the same,
    ///   exactly one succeeds.
    /// - MUST answer [`Conflict::Duplicate`] with the key when a unique key is taken.
    /// - MUST answer [`Conflict::Missing`] with the reference when a change names something that does not
    ///   exist.
    /// - MUST answer [`Conflict::InUse`] when a user to be deleted is named by an incident or a task, or a category by
    ///   a task.
    /// - MUST remove a user's sessions, refresh tokens, API tokens, saved views and kept replies together with the
    ///   user, and a session's refresh tokens together with the session.
    /// - MUST end exactly the selected sessions and API tokens that have not been ended before; the end of the
    ///   others stays as it was.
    /// - MUST move the time at which a session or an API token was last heard of forwards only.
    /// - MUST purge exactly the sessions that ended before the time, at most so many, those that were made first
    ///   (by id) before others.
    /// - MUST purge exactly the kept replies that expired before the time, at most so many, those that expired
    ///   first before others.
    /// - MUST make the changes of a set in their order, so that each may build on those before it.
    /// - MUST remove an incident's timeline and tasks together with the incident, leave events and actions, and empty
    ///   `duplicate_of` of its duplicates, whose versions stay.
    /// - MUST give events positions in the order of commits, and those of one set in the set's order.
    /// - MUST answer each of several concurrent callers for their own set, whatever becomes of the others'.
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError>;
}

/// Why a change set was not stored.
#[derive(Debug, Error)]
pub enum CommitError {
    /// It contradicts what is stored: nothing of it was kept.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store is away or broken: it is not known whether the set was kept.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// How a change set contradicts what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Conflict {
    /// Something changed since it was read.
    #[error("changed since it was read")]
    Stale,
    /// A unique key is taken.
    #[error("{0} is taken")]
    Duplicate(UniqueKey),
    /// Something that is referred to does not exist.
    #[error("{0} does not exist")]
    Missing(Reference),
    /// Something that is to be removed is referred to.
    #[error("{0} is referred to")]
    InUse(Reference),
}

/// What no two stored things may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UniqueKey {
    /// The identifier of any kind of thing.
    Id,
    /// A user's email address, without case.
    Email,
    /// An incident's number.
    IncidentNumber,
    /// An imported incident's number in the system it came from.
    ExternalReference,
    /// A place in an incident's timeline.
    TimelineSequence,
    /// What is stored of a refresh token's or an API token's secret; each kind by itself.
    TokenHash,
    /// What a user called a request whose reply is kept.
    IdempotencyKey,
    /// A category's name, without case.
    CategoryName,
    /// What a user calls a view.
    SavedViewName,
}

impl fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::IncidentNumber => "incident number",
            Self::ExternalReference => "external reference",
            Self::TimelineSequence => "timeline sequence",
            Self::TokenHash => "token hash",
            Self::IdempotencyKey => "idempotency key",
            Self::CategoryName => "category name",
            Self::SavedViewName => "saved view name",
        })
    }
}

/// What a change may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A user, as the thing to change, the reporter, author or assignee of an incident or a task, or the owner of a
    /// session, an API token, a saved view or a kept reply.
    User,
    /// A session, as the owner of a refresh token.
    Session,
    /// A refresh token, as the thing to spend or the predecessor of another.
    RefreshToken,
    /// An incident, as the thing to change, the owner of an entry or a task, or the original of a duplicate.
    Incident,
    /// A task, as the thing to change.
    Task,
    /// A category, as the thing to change, or what a task is of.
    Category,
    /// A saved view, as the thing to change.
    SavedView,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Session => "session",
            Self::RefreshToken => "refresh token",
            Self::Incident => "incident",
            Self::Task => "task",
            Self::Category => "category",
            Self::SavedView => "saved view",
        })
    }
}

/// The store is away or broken; there is nothing a use case can do but say so.
#[derive(Debug, Error)]
#[error("{trouble}")]
pub struct StoreError {
    trouble: Trouble,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

/// What is the matter with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Trouble {
    #[error("the store is unavailable")]
    Unavailable,
    #[error("the store holds what cannot be read")]
    Unreadable,
}

impl StoreError {
    /// Wraps the cause, which is for the log and never for a client.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { trouble: Trouble::Unavailable, source: source.into() }
    }

    /// Wraps the cause why something that the store holds cannot be what this program wrote: trying again will not
    /// help, and somebody else wrote it.
    pub fn unreadable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { trouble: Trouble::Unreadable, source: source.into() }
    }

    /// Whether the store answered, with something that it never was given.
    pub fn is_unreadable(&self) -> bool {
        self.trouble == Trouble::Unreadable
    }
}
