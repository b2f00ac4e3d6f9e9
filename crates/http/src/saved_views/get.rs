//! `GET /users/me/views/{id}`: read a view of yours.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};

use super::body::{SavedViewBody, answer};
use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{SavedViewPath, SignedIn, etag, is_not_modified},
    services::Services,
};

/// Read a view of yours.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/views/{id}",
    tag = "views",
    operation_id = "get_view",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The view's id."),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "The view.", body = SavedViewBody, headers(
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
    SavedViewPath(view): SavedViewPath,
) -> Result<HttpResponse, Problem> {
    let view = services.saved_views.get(&caller, view).await?;
    let current = etag(view.version);
    if is_not_modified(&request, &current)? {
        return Ok(HttpResponse::NotModified().insert_header(header::ETag(current)).finish());
    }
    answer(StatusCode::OK, &view).into_response()
}
