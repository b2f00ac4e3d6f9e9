//! `GET /auth/api-tokens`, `GET /users/{id}/api-tokens`: API tokens in pages, the newest first.

use actix_web::{HttpResponse, web::Data};
use incident_application::Caller;
use incident_domain::{ApiToken, UserId};

use super::body::ApiTokenBody;
use crate::{
    list::ListBody,
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{PageParameters, Parameters, SignedIn, UserPath},
    services::Services,
};

/// List your own API tokens, the newest first. Expired ones are among them, revoked ones are not.
#[utoipa::path(
    get,
    path = "/api/v1/auth/api-tokens",
    tag = "auth",
    operation_id = "list_my_api_tokens",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of your API tokens.", body = ListBody<ApiTokenBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn own(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    respond(&services, &caller, caller.require_user()?, &query).await
}

/// List a user's API tokens, the newest first: anybody's as an administrator.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/api-tokens",
    tag = "users",
    operation_id = "list_user_api_tokens",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The user's id."), PageParameters),
    responses(
        (status = 200, description = "A page of their API tokens.", body = ListBody<ApiTokenBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn of_user(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    respond(&services, &caller, user, &query).await
}

async fn respond(
    services: &Services,
    caller: &Caller,
    of: UserId,
    query: &PageParameters,
) -> Result<HttpResponse, Problem> {
    let asked = query.page_request()?;
    let page = services.auth.api_tokens(caller, of, asked).await?;
    let body = ListBody::new(page, &asked, |token: &ApiToken| token.id.to_string(), ApiTokenBody::from);
    Ok(HttpResponse::Ok().json(body))
}
