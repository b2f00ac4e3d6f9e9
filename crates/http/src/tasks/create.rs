//! `POST /tasks`: make a task.

use actix_web::{HttpResponse, web::Data};
use incident_application::{IncidentRef, NewTask, TaskError, TaskRule};
use incident_domain::{CategoryName, Description, IncidentNumberError, Priority, Title, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{TaskBody, created};
use crate::{
    names,
    problem::{BodyProblems, Problem, SignedInProblems, Validation},
    request::{Body, Commander, incident_ref, time},
    services::Services,
};

/// The task to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateTask)]
pub(crate) struct CreateBody {
    /// The id or number of the incident it is for.
    #[schema(example = "INC-1042")]
    incident_id: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "call the provider")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// `medium` if not given.
    #[schema(value_type = Option<names::PriorityName>)]
    priority: Option<String>,
    /// The name of a category, which is made if there is none; upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    category: Option<String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    due_at: Option<String>,
}

impl CreateBody {
    fn validate(self) -> Result<NewTask, Problem> {
        let mut check = Validation::new();
        let incident =
            check.take_some("/incident_id", self.incident_id, |text| incident_ref(&text).ok_or(IncidentNumberError));
        let task = TaskFields {
            title: self.title,
            description: self.description,
            priority: self.priority,
            category: self.category,
            assigned_to: self.assigned_to,
            due_at: self.due_at,
        };
        let task = task.parse(incident, &mut check);
        check.finish(|| task)
    }
}

/// What a new task is made of, wherever it is made.
pub(super) struct TaskFields {
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) category: Option<String>,
    pub(super) assigned_to: Option<Uuid>,
    pub(super) due_at: Option<String>,
}

impl TaskFields {
    pub(super) fn parse(self, incident: Option<IncidentRef>, check: &mut Validation) -> Option<NewTask> {
        let title = check.take("/title", Title::parse(self.title));
        let description = check.take_some("/description", self.description, Description::parse);
        let priority = check.take_some("/priority", self.priority, |name| name.parse::<Priority>());
        let category = check.take_some("/category", self.category, CategoryName::parse);
        let due_at = time(check, "/due_at", self.due_at.as_deref());
        Some(NewTask {
            incident,
            title: title?,
            description,
            priority: priority.unwrap_or(Priority::Medium),
            category,
            assigned_to: self.assigned_to.map(UserId::new),
            due_at,
        })
    }
}

/// Make a task, alone or for an incident, whose timeline tells of it.
#[utoipa::path(
    post,
    path = "/api/v1/tasks",
    tag = "tasks",
    operation_id = "create_task",
    security(("bearer" = [])),
    request_body = CreateBody,
    responses(
        (status = 201, description = "The new task.", body = TaskBody, headers(
            ("ETag" = String, description = "Its version and its category's; for `If-Match`, which looks at its own."),
            ("Location" = String, description = "Its path."),
        )),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let new = body.validate()?;
    commander
        .give(&services, created, async |command| services.tasks.create(command, new).await.map_err(incident_in_body))
        .await
}

/// The incident that is not there was named by the body.
fn incident_in_body(error: TaskError) -> Problem {
    match error {
        TaskError::Rule(TaskRule::UnknownIncident) => {
            Problem::invalid_value("/incident_id", "unknown_incident", "there is no such incident")
        }
        error => error.into(),
    }
}
