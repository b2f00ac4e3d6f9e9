//! `GET /categories/{id}`: read a category.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};

use super::body::{CategoryBody, answer};
use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{CategoryPath, SignedIn, etag, is_not_modified},
    services::Services,
};

/// Read a category.
#[utoipa::path(
    get,
    path = "/api/v1/categories/{id}",
    tag = "categories",
    operation_id = "get_category",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The category's id."),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "The category.", body = CategoryBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
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
    CategoryPath(category): CategoryPath,
) -> Result<HttpResponse, Problem> {
    let category = services.categories.get(&caller, category).await?;
    let current = etag(category.version);
    if is_not_modified(&request, &current)? {
        return Ok(HttpResponse::NotModified().insert_header(header::ETag(current)).finish());
    }
    answer(StatusCode::OK, &category).into_response()
}
