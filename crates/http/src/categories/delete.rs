//! `DELETE /categories/{id}`: remove a category.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{CategoryPath, Commander, if_match},
    services::Services,
};

/// Remove a category that no task is of, as a manager.
#[utoipa::path(
    delete,
    path = "/api/v1/categories/{id}",
    tag = "categories",
    operation_id = "delete_category",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The category's id."),
        ("If-Match" = Option<String>, Header, description = "Remove it only if this is still its entity tag."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Tasks are of this category.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since you read it.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    CategoryPath(category): CategoryPath,
) -> Result<HttpResponse, Problem> {
    let precondition = if_match(&request)?;
    commander
        .give_quietly(&services, async |command| services.categories.delete(command, category, &precondition).await)
        .await
}
