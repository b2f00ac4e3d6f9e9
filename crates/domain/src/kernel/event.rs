//! Published facts.

use async_trait::async_trait;

use super::{Record, RecordId as _, RecordKind, StoreError, Timestamp, id::identifier, names::named};

identifier!(
    /// Identifies an [`Event`].
    EventId, "event"
);

named!(
    /// Who may read an event.
    Audience {
        /// Every principal that may read at all: events about incidents and the work on them.
        Members = "members",
        /// Administrators: events about accounts and access.
        Administrators = "administrators",
    }
);

/// A fact about a change, for other systems; stored in the change set that makes it true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, by which a reader recognises what it has seen.
    pub id: EventId,
    /// What happened, with the payload's version: `incident.opened.v1`.
    pub kind: String,
    /// What it is about: `incident:0198…`.
    pub subject: String,
    /// Who may read it.
    pub audience: Audience,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The facts, as a JSON object whose shape depends on `kind` alone.
    pub payload: String,
}

/// An event at its place in the log. Positions follow the order of commits: who has seen one will
/// never find a smaller one appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Its place, from 1, with gaps.
    pub position: u64,
    /// The event.
    pub event: Event,
}

/// Reads events in the order in which they became true.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The events after a position, at most `limit` of them, in the order of positions.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST never let an event appear at a position below one that was already answered.
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;
}

impl Record for Event {
    type Id = EventId;
    const KIND: RecordKind = EventId::KIND;

    fn id(&self) -> EventId {
        self.id
    }
}
