//! `PATCH /tasks/{id}`: change fields, take a step of the state machine, or both at once.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_application::TaskChange;
use incident_domain::{CategoryName, Description, Patch, Priority, TaskStatus, Timestamp, Title, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{TaskBody, answer};
use crate::{
    names,
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, Commander, TaskPath, if_match_first, nullable_as, patch, present_as, time},
    services::Services,
};

/// What is to change: an absent field stays, `null` empties where that makes sense, a value sets.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchTask, min_properties = 1)]
pub(crate) struct PatchBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    description: Patch<String>,
    /// Where it is to go: one of the task's `allowed_transitions`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::TaskStatusName, required = false, example = "in_progress")]
    status: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::PriorityName, required = false)]
    priority: Patch<String>,
    /// The name of a category, which is made if there is none; upper and lower case are the same.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    category: Patch<String>,
    /// Somebody, or nobody.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Uuid>)]
    assigned_to: Patch<Uuid>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    due_at: Patch<String>,
}

impl PatchBody {
    fn validate(self) -> Result<TaskChange, Problem> {
        if self == Self::default() {
            return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
        }
        let mut check = Validation::new();
        let title = present_as(&mut check, "/title", self.title, Title::parse);
        let description = nullable_as(&mut check, "/description", self.description, Description::parse);
        let status = present_as(&mut check, "/status", self.status, |name| name.parse::<TaskStatus>());
        let priority = present_as(&mut check, "/priority", self.priority, |name| name.parse::<Priority>());
        let category = nullable_as(&mut check, "/category", self.category, CategoryName::parse);
        let assigned_to = self.assigned_to.map(UserId::new);
        let due_at = due(&mut check, self.due_at);
        check.finish(|| Some(TaskChange { title, description, status, priority, category, assigned_to, due_at }))
    }
}

fn due(check: &mut Validation, field: Patch<String>) -> Patch<Timestamp> {
    match field {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(text) => time(check, "/due_at", Some(&text)).map_or(Patch::Keep, Patch::Set),
    }
}

/// Change fields, take a step of the state machine, or both at once; all of it happens or nothing. Values equal to
/// the stored ones change nothing. If the task is for an incident, its timeline tells of each change.
#[utoipa::path(
    patch,
    path = "/api/v1/tasks/{id}",
    tag = "tasks",
    operation_id = "change_task",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The task's id."),
        ("If-Match" = Option<String>, Header, description = "Change it only if this is still its entity tag."),
    ),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The task as it is now.", body = TaskBody, headers(
            ("ETag" = String, description = "Its version and its category's; for `If-Match`, which looks at its own."),
        )),
        (status = 409, description = "The state machine refuses the step; `allowed` says which it offers.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since you read it.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    TaskPath(task): TaskPath,
    Body(body): Body<PatchBody>,
) -> Result<HttpResponse, Problem> {
    let (change, precondition) = (body.validate()?, if_match_first(&request)?);
    commander
        .give(
            &services,
            |task| answer(StatusCode::OK, task),
            async |command| services.tasks.change(command, task, &change, &precondition).await,
        )
        .await
}
