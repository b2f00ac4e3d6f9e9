//! `DELETE /auth/api-tokens/{token_id}`, `DELETE /users/{id}/api-tokens/{token_id}`: end an API token.

use actix_web::{HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{ApiTokenPath, Commander, UserPath},
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
    commander: Commander,
    ApiTokenPath(token): ApiTokenPath,
) -> Result<HttpResponse, Problem> {
    let own = commander.caller().require_user()?;
    commander.give_quietly(&services, async |command| services.auth.revoke_api_token(command, own, token).await).await
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
    commander: Commander,
    UserPath(user): UserPath,
    ApiTokenPath(token): ApiTokenPath,
) -> Result<HttpResponse, Problem> {
    commander.give_quietly(&services, async |command| services.auth.revoke_api_token(command, user, token).await).await
}
