//! The events of tasks, categories and saved views.

use incident_domain::{
    kernel::{Audience, RecordId},
    work::{Category, SavedView, Task},
};
use serde_json::{Value, json};

use crate::kernel::{Published, rfc3339};

impl Published for Task {
    const COLLECTION: &'static str = "tasks";
    const AUDIENCE: Audience = Audience::Members;

    fn payload(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "incident_id": self.incident_id.map(text),
            "title": self.title.as_str(),
            "status": self.status.as_str(),
            "priority": self.priority.as_str(),
            "category_id": self.category_id.map(text),
            "assigned_to": self.assigned_to.map(text),
            "due_at": self.due_at.map(rfc3339),
            "version": self.version.get(),
        })
    }
}

impl Published for Category {
    const COLLECTION: &'static str = "categories";
    const AUDIENCE: Audience = Audience::Members;

    fn payload(&self) -> Value {
        json!({ "id": self.id.to_string(), "name": self.name.as_str(), "version": self.version.get() })
    }
}

/// The events of a view say whose it is, and not what it shows.
impl Published for SavedView {
    const COLLECTION: &'static str = "saved_views";
    const AUDIENCE: Audience = Audience::Administrators;

    fn payload(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "user_id": self.user_id.to_string(),
            "list": self.list.as_str(),
            "version": self.version.get(),
        })
    }
}

fn text(id: impl RecordId) -> String {
    id.uuid().to_string()
}
