//! The events that other systems see. Their format is a promise: a kind only gains fields; whatever
//! else must change becomes a new kind with the next number. It does not follow the entities.

mod incidents;
mod people;
mod saved_views;
mod tasks;

use incident_domain::{Event, EventId, Timestamp, ports::IdGenerator};
use serde::Serialize;

pub(crate) use incidents::{of_deletion, of_revision};
pub(crate) use people::{
    of_api_token, of_api_tokens_revoked, of_deleted_user, of_new_user, of_refresh, of_session, of_sessions_revoked,
    of_updated_user,
};
pub(crate) use saved_views::of_saved_view;
pub(crate) use tasks::{of_category, of_task};

/// Whether an event is about incidents and tasks, which everybody may see, and not about people.
pub(crate) fn is_about_work(event: &Event) -> bool {
    ["incident.", "task.", "category."].iter().any(|about| event.kind.starts_with(about))
}

fn event(kind: &str, subject: String, at: Timestamp, payload: &impl Serialize, ids: &dyn IdGenerator) -> Event {
    #[expect(clippy::expect_used, reason = "structs of strings and numbers always become JSON")]
    let payload = serde_json::to_string(payload).expect("structs of strings and numbers always become JSON");
    Event { id: EventId::new(ids.next_id()), kind: kind.to_owned(), subject, occurred_at: at, payload }
}
