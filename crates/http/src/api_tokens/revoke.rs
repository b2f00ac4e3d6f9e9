//! `DELETE /auth/api-tokens/{token_id}`, `DELETE /users/{id}/api-tokens/{token_id}`: end an API token.

use actix_web::{HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{ApiTokenPath, SignedIn, UserPath},
    services::Services,
};

/// End one of your own API tokens.
#[utoipa::path(
    delete,
    path = "/api/v1/auth/api-tokens/{token_id}",
    tag = "auth",
    operation_id = "revoke_my_api_token",
    security(("bearer" = [])),
    params(("token_id" = uuid::Uuid, Path, description = "The API token's id.")),
    responses((status = 204, description = "It lets nobody in any more."), SignedInProblems, LookUpProblems)
)]
pub(crate) async fn own(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    ApiTokenPath(token): ApiTokenPath,
) -> Result<HttpResponse, Problem> {
    services.auth.revoke_api_token(&caller, caller.user_id, token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End a user's API token: anybody's as an administrator.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/api-tokens/{token_id}",
    tag = "users",
    operation_id = "revoke_user_api_token",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The user's id."),
        ("token_id" = uuid::Uuid, Path, description = "The API token's id."),
    ),
    responses((status = 204, description = "It lets nobody in any more."), SignedInProblems, LookUpProblems)
)]
pub(crate) async fn of_user(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    ApiTokenPath(token): ApiTokenPath,
) -> Result<HttpResponse, Problem> {
    services.auth.revoke_api_token(&caller, user, token).await?;
    Ok(HttpResponse::NoContent().finish())
}
