//! `DELETE /users/me/views/{id}`: remove a view of yours.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{Commander, SavedViewPath, if_match},
    services::Services,
};

/// Remove a view of yours.
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/views/{id}",
    tag = "views",
    operation_id = "delete_view",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The view's id."),
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
    SavedViewPath(view): SavedViewPath,
) -> Result<HttpResponse, Problem> {
    let precondition = if_match(&request)?;
    commander
        .give_quietly(&services, async |command| services.saved_views.delete(command, view, &precondition).await)
        .await
}
