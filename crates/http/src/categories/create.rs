//! `POST /categories`: name a category into being.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use incident_application::NamedCategory;
use incident_domain::CategoryName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{CategoryBody, answer};
use crate::{
    answer::Answer,
    problem::{BodyProblems, Problem, SignedInProblems, Validation},
    request::{Body, Commander},
    services::Services,
};

/// The category to be there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateCategory)]
pub(crate) struct CreateBody {
    /// Upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    name: String,
}

/// Make a category, unless there is one with this name, which you get then as it is.
#[utoipa::path(
    post,
    path = "/api/v1/categories",
    tag = "categories",
    operation_id = "create_category",
    security(("bearer" = [])),
    request_body = CreateBody,
    responses(
        (status = 200, description = "It was there already.", body = CategoryBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
            ("Location" = String, description = "Its path."),
        )),
        (status = 201, description = "The new category.", body = CategoryBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
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
    let mut check = Validation::new();
    let name = check.take("/name", CategoryName::parse(body.name));
    let name = check.finish(|| name)?;
    commander.give(&services, named, async |command| services.categories.name(command, name).await).await
}

fn named(NamedCategory { category, is_new }: &NamedCategory) -> Answer {
    let status = if *is_new { StatusCode::CREATED } else { StatusCode::OK };
    answer(status, category).with_header(&header::LOCATION, format!("/api/v1/categories/{}", category.id))
}
