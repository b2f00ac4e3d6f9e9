//! `GET /tasks/{id}`: read a task.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};

use super::body::{TaskBody, answer, etag_of};
use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{SignedIn, TaskPath, is_not_modified},
    services::Services,
};

/// Read a task.
#[utoipa::path(
    get,
    path = "/api/v1/tasks/{id}",
    tag = "tasks",
    operation_id = "get_task",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The task's id."),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "The task.", body = TaskBody, headers(
            ("ETag" = String, description = "Its version and its category's; for `If-Match`, which looks at its own."),
        )),
        (status = 304, description = "You have it already."),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    SignedIn(caller): SignedIn,
    TaskPath(task): TaskPath,
) -> Result<HttpResponse, Problem> {
    let task = services.tasks.get(&caller, task).await?;
    let current = etag_of(&task);
    if is_not_modified(&request, &current)? {
        return Ok(HttpResponse::NotModified().insert_header(header::ETag(current)).finish());
    }
    answer(StatusCode::OK, &task).into_response()
}
