//! `DELETE /users/{id}`: remove a user.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{Commander, UserPath, if_match},
    services::Services,
};

/// Remove a user whom no incident and no task names, with their sessions and API tokens, as an administrator. Others
/// can be made inactive.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    tag = "users",
    operation_id = "delete_user",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The user's id."),
        ("If-Match" = Option<String>, Header, description = "Remove them only if this is still their entity tag."),
    ),
    responses(
        (status = 204, description = "They are gone."),
        (status = 409, description = "Incidents or tasks name this user; make them inactive instead.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "They have changed since you read them.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    UserPath(user): UserPath,
) -> Result<HttpResponse, Problem> {
    let precondition = if_match(&request)?;
    commander
        .give_quietly(&services, async |command| services.accounts.delete(command, user, &precondition).await)
        .await
}
