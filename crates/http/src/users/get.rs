//! `GET /users/{id}`: read a user.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::body::{UserBody, respond_if_new};
use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{SignedIn, UserPath},
    services::Services,
};

/// Read a user, as an administrator.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}",
    tag = "users",
    operation_id = "get_user",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The user's id."),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "The user.", body = UserBody, headers(
            ("ETag" = String, description = "Their version, for `If-Match`."),
        )),
        (status = 304, description = "You have them already."),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<HttpResponse, Problem> {
    respond_if_new(&request, &services.accounts.get(&caller, user).await?)
}
