//! The events of tasks and categories.

use chrono::SecondsFormat;
use incident_domain::{Category, Event, Task, Timestamp, ports::IdGenerator};
use serde::Serialize;

use super::event;

/// What every `task.*.v1` event tells of the task, as it stands after the change; of a deleted one, as it stood.
#[derive(Serialize)]
struct TaskV1<'a> {
    id: String,
    incident_id: Option<String>,
    title: &'a str,
    status: &'static str,
    priority: &'static str,
    category_id: Option<String>,
    assigned_to: Option<String>,
    due_at: Option<String>,
    version: u32,
}

/// `task.created.v1`, `task.changed.v1` or `task.deleted.v1`
pub(crate) fn of_task(kind: &'static str, task: &Task, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload = TaskV1 {
        id: task.id.to_string(),
        incident_id: task.incident_id.map(|id| id.to_string()),
        title: task.title.as_str(),
        status: task.status.as_str(),
        priority: task.priority.as_str(),
        category_id: task.category_id.map(|id| id.to_string()),
        assigned_to: task.assigned_to.map(|user| user.to_string()),
        due_at: task.due_at.map(|due_at| due_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        version: task.version.get(),
    };
    event(&format!("task.{kind}.v1"), format!("task:{}", task.id), at, &payload, ids)
}

/// What every `category.*.v1` event tells of the category.
#[derive(Serialize)]
struct CategoryV1<'a> {
    id: String,
    name: &'a str,
    version: u32,
}

/// `category.created.v1`, `category.renamed.v1` or `category.deleted.v1`
pub(crate) fn of_category(kind: &'static str, category: &Category, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload =
        CategoryV1 { id: category.id.to_string(), name: category.name.as_str(), version: category.version.get() };
    event(&format!("category.{kind}.v1"), format!("category:{}", category.id), at, &payload, ids)
}
