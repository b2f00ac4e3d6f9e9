//! `PATCH /categories/{id}`: give a category another name.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_domain::{CategoryName, Patch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{CategoryBody, answer};
use crate::{
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, CategoryPath, Commander, if_match, patch, present_as},
    services::Services,
};

/// What is to change about a category.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchCategory, min_properties = 1)]
pub(crate) struct PatchBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 128)]
    name: Patch<String>,
}

/// Give a category another name, as a manager; its tasks are of it under the new name.
#[utoipa::path(
    patch,
    path = "/api/v1/categories/{id}",
    tag = "categories",
    operation_id = "change_category",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The category's id."),
        ("If-Match" = Option<String>, Header, description = "Change it only if this is still its entity tag."),
    ),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The category as it is now.", body = CategoryBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 409, description = "Another category has this name.",
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
    CategoryPath(category): CategoryPath,
    Body(body): Body<PatchBody>,
) -> Result<HttpResponse, Problem> {
    if body.name.is_keep() {
        return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
    }
    let mut check = Validation::new();
    let name = present_as(&mut check, "/name", body.name, CategoryName::parse);
    let name = check.finish(|| name)?;
    let precondition = if_match(&request)?;
    commander
        .give(
            &services,
            |category| answer(StatusCode::OK, category),
            async |command| services.categories.rename(command, category, name, &precondition).await,
        )
        .await
}
