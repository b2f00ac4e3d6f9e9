//! The events that other systems see. Their format is a promise: the payload of a kind only gains fields; any other change
//! becomes a new kind with the next number. The format does not follow the records.

use chrono::SecondsFormat;
use incident_domain::kernel::{Audience, Event, EventId, IdGenerator, Timestamp, Versioned};
use serde::Serialize;
use serde_json::Value;

use super::audit::target;

/// A record whose changes are published, each as one event with the same payload: `category.renamed.v1`.
pub trait Published: Versioned {
    /// What the audit names as the target of a command that makes such a record: `categories`.
    const COLLECTION: &'static str;

    /// Who may read the events.
    const AUDIENCE: Audience;

    /// Returns what the events say about the record as it is after the change, or before its deletion.
    fn payload(&self) -> Value;

    /// Makes the event `<kind of the record>.<change>.v1`.
    fn event(&self, change: &str, at: Timestamp, ids: &dyn IdGenerator) -> Event {
        let kind = format!("{}.{change}.v1", Self::KIND.as_str());
        event(&kind, target(self.id()), Self::AUDIENCE, at, &self.payload(), ids)
    }
}

/// Makes an event.
pub(crate) fn event(
    kind: &str,
    subject: String,
    audience: Audience,
    at: Timestamp,
    payload: &impl Serialize,
    ids: &dyn IdGenerator,
) -> Event {
    #[expect(clippy::expect_used, reason = "strings and numbers always become JSON")]
    let payload = serde_json::to_string(payload).expect("strings and numbers always become JSON");
    Event { id: EventId::new(ids.next_id()), kind: kind.to_owned(), subject, audience, occurred_at: at, payload }
}

/// Writes a time as events do: RFC 3339 in UTC with microseconds.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
