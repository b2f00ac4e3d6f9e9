//! `GET /users/me`, `PATCH /users/me`: your own account.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_domain::{Patch, PersonName};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{UserBody, answer, respond_if_new};
use crate::{
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, Commander, SignedIn, if_match, patch, present_as},
    services::Services,
};

/// Read your own account.
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    tag = "users",
    operation_id = "get_me",
    security(("bearer" = [])),
    params(
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "Your account.", body = UserBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 304, description = "You have it already."),
        SignedInProblems,
    )
)]
pub(crate) async fn get(
    services: Data<Services>,
    request: HttpRequest,
    SignedIn(caller): SignedIn,
) -> Result<HttpResponse, Problem> {
    respond_if_new(&request, &services.auth.me(&caller).await?)
}

/// What is to change about your own account. For your password there is `/auth/password`; the rest is for
/// administrators.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchMe, min_properties = 1)]
pub(crate) struct PatchMeBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 128)]
    name: Patch<String>,
}

/// Change your own name.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me",
    tag = "users",
    operation_id = "patch_me",
    security(("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "Change it only if this is still its entity tag.")),
    request_body = PatchMeBody,
    responses(
        (status = 200, description = "Your account as it is now.", body = UserBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 412, description = "It has changed since you read it.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn change(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    Body(body): Body<PatchMeBody>,
) -> Result<HttpResponse, Problem> {
    if body.name.is_keep() {
        return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
    }
    let mut check = Validation::new();
    let name = present_as(&mut check, "/name", body.name, PersonName::parse);
    let name = check.finish(|| name)?;
    let precondition = if_match(&request)?;
    commander
        .give(
            &services,
            |user| answer(StatusCode::OK, user),
            async |command| services.accounts.rename_self(command, name, &precondition).await,
        )
        .await
}
