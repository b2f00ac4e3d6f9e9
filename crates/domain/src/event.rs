//! Published facts.

use crate::{EventId, Timestamp};

/// A fact about a change, for other systems; stored in the change set that makes it true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, by which a reader recognises what it has seen.
    pub id: EventId,
    /// What happened, with the payload's version: `incident.opened.v1`.
    pub kind: String,
    /// What it is about: `incident:0198…`.
    pub subject: String,
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
