//! `POST /auth/refresh`: renew the access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{TokensBody, respond};
use crate::{
    problem::{BodyProblems, Problem, ProblemBody, SigningInProblems},
    request::{Body, SecretText, device},
    services::Services,
};

/// The refresh token that is spent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refresh)]
pub(crate) struct RefreshBody {
    /// As the last answer gave it.
    #[schema(value_type = String, format = "password")]
    refresh_token: SecretText,
}

/// Spend a refresh token for a new pair of tokens. Each is good once: one that is shown again ends the
/// session, unless it comes within 30 seconds from a client that lost the answer and never used the new pair.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    tag = "auth",
    operation_id = "refresh",
    security(()),
    request_body = RefreshBody,
    responses(
        (status = 200, description = "Your new tokens.", body = TokensBody),
        (status = 401, description = "The refresh token is not good, was used before, or its session has ended.",
            body = ProblemBody, content_type = "application/problem+json"),
        SigningInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    Body(body): Body<RefreshBody>,
) -> Result<HttpResponse, Problem> {
    let device = device(&request, &services);
    let signed_in = services.auth.refresh(&body.refresh_token.into_exposed(), device).await?;
    Ok(respond(&signed_in))
}
