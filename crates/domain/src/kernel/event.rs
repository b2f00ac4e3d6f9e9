//! Events: published facts.

use async_trait::async_trait;

use super::{Record, RecordId as _, RecordKind, StoreError, Timestamp, id::identifier, names::named};

identifier!(
    /// Identifies an [`Event`].
    EventId, "event"
);

named!(
    /// The readers of an event.
    Audience {
        /// Every principal with read access: events about incidents and the work on them.
        Members = "members",
        /// Administrators: events about accounts and access.
        Administrators = "administrators",
    }
);

/// A fact about a change, for other systems; stored in the change set that makes it true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The identifier, by which a reader recognises an event that it has already received.
    pub id: EventId,
    /// The kind with the version of its payload: `incident.opened.v1`.
    pub kind: String,
    /// The record that changed: `incident:0198…`.
    pub subject: String,
    /// The readers.
    pub audience: Audience,
    /// The time of the change.
    pub occurred_at: Timestamp,
    /// The facts, as a JSON object whose shape depends on `kind` alone.
    pub payload: String,
}

/// An event with its position in the log. Positions follow the order of commits: once an event is visible, no other
/// appears at a smaller position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// The position, from 1, with gaps.
    pub position: u64,
    /// The event.
    pub event: Event,
}

/// Reads events in the order of commits.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Returns at most `limit` events after a position, ordered by position.
    ///
    /// - MUST return every field exactly as it was committed.
    /// - MUST NOT let an event appear at a position below one that was already returned.
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;
}

impl Record for Event {
    type Id = EventId;
    const KIND: RecordKind = EventId::KIND;

    fn id(&self) -> EventId {
        self.id
    }
}
