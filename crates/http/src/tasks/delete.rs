//! `DELETE /tasks/{id}`: remove a task.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{Commander, TaskPath, if_match_first},
    services::Services,
};

/// Remove a task, as a manager. Its incident's timeline, the audit and the events remain.
#[utoipa::path(
    delete,
    path = "/api/v1/tasks/{id}",
    tag = "tasks",
    operation_id = "delete_task",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The task's id."),
        ("If-Match" = Option<String>, Header, description = "Remove it only if this is still its entity tag."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since you read it.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    TaskPath(task): TaskPath,
) -> Result<HttpResponse, Problem> {
    let precondition = if_match_first(&request)?;
    commander.give_quietly(&services, async |command| services.tasks.delete(command, task, &precondition).await).await
}
