//! A task, as the API shows it.

use actix_web::http::{
    StatusCode,
    header::{self, EntityTag},
};
use chrono::{DateTime, Utc};
use incident_application::NamedTask;
use incident_domain::{Description, IncidentId, TaskStatus, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{answer::Answer, names, request::etag_with};

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub(crate) struct TaskBody {
    id: Uuid,
    /// The incident it is for, if it is for one.
    incident_id: Option<Uuid>,
    #[schema(example = "call the provider")]
    title: String,
    description: Option<String>,
    #[schema(value_type = names::TaskStatusName)]
    status: &'static str,
    #[schema(value_type = names::PriorityName)]
    priority: &'static str,
    /// What kind of work it is: the name of a category.
    #[schema(example = "Communication")]
    category: Option<String>,
    assigned_to: Option<Uuid>,
    due_at: Option<DateTime<Utc>>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes.
    version: u32,
    /// The statuses that the state machine offers from here.
    #[schema(value_type = Vec<names::TaskStatusName>)]
    allowed_transitions: Vec<&'static str>,
}

impl From<NamedTask> for TaskBody {
    fn from(NamedTask { task, category }: NamedTask) -> Self {
        Self {
            id: task.id.as_uuid(),
            incident_id: task.incident_id.map(IncidentId::as_uuid),
            title: task.title.into(),
            description: task.description.map(Description::into),
            status: task.status.as_str(),
            priority: task.priority.as_str(),
            category: category.map(|category| category.name.to_string()),
            assigned_to: task.assigned_to.map(UserId::as_uuid),
            due_at: task.due_at,
            created_by: task.created_by.as_uuid(),
            created_at: task.created_at,
            updated_at: task.updated_at,
            version: task.version.get(),
            allowed_transitions: task.status.allowed().map(TaskStatus::as_str).collect(),
        }
    }
}

/// The entity tag of a task. It shows its category's name, which changes without it.
pub(super) fn etag_of(named: &NamedTask) -> EntityTag {
    etag_with(named.task.version, named.category.as_ref().map(|category| category.version))
}

/// An answer with one task and its entity tag.
pub(super) fn answer(status: StatusCode, named: &NamedTask) -> Answer {
    let body = TaskBody::from(named.clone());
    Answer::json(status, &body).with_header(&header::ETAG, etag_of(named).to_string())
}

/// The answer about a task that has just been made.
pub(super) fn created(named: &NamedTask) -> Answer {
    let location = format!("/api/v1/tasks/{}", named.task.id);
    answer(StatusCode::CREATED, named).with_header(&header::LOCATION, location)
}
