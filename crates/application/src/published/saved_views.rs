//! The events of saved views: whose they are, and not what they look at.

use incident_domain::{Event, SavedView, Timestamp, ports::IdGenerator};
use serde::Serialize;

use super::event;

/// What every `saved_view.*.v1` event tells.
#[derive(Serialize)]
struct SavedViewV1 {
    id: String,
    user_id: String,
    list: &'static str,
    version: u32,
}

/// `saved_view.created.v1`, `saved_view.changed.v1` or `saved_view.deleted.v1`
pub(crate) fn of_saved_view(kind: &'static str, view: &SavedView, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload = SavedViewV1 {
        id: view.id.to_string(),
        user_id: view.user_id.to_string(),
        list: view.list.as_str(),
        version: view.version.get(),
    };
    event(&format!("saved_view.{kind}.v1"), format!("saved_view:{}", view.id), at, &payload, ids)
}
