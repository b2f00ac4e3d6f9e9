//! `POST /auth/api-tokens`: make an API token.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use incident_application::NewApiToken;
use incident_domain::{ApiToken, Label, Role, TokenSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ApiTokenBody;
use crate::{
    answer::Answer,
    names,
    problem::{BodyProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Body, Commander},
    services::Services,
};

/// How long a token lasts whose maker does not say.
const EXPIRES_IN_DAYS_DEFAULT: u32 = 90;

/// The API token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApiToken)]
pub(crate) struct CreateBody {
    /// What you call it.
    #[schema(min_length = 1, max_length = 128, example = "nightly import")]
    name: String,
    /// The most that it may do; at most your own role.
    #[schema(value_type = names::RoleName)]
    role: String,
    /// How many days it lasts; 90 if not given.
    #[schema(minimum = 1, maximum = 366, default = 90)]
    expires_in_days: Option<u32>,
}

impl CreateBody {
    fn validate(self) -> Result<NewApiToken, Problem> {
        let mut check = Validation::new();
        let name = check.take("/name", Label::parse(self.name));
        let role = check.take("/role", self.role.parse::<Role>());
        let lifetime_days = self.expires_in_days.unwrap_or(EXPIRES_IN_DAYS_DEFAULT);
        check.finish(|| Some(NewApiToken { name: name?, role: role?, lifetime_days }))
    }
}

/// A new API token with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedApiToken)]
pub(crate) struct CreatedBody {
    #[serde(flatten)]
    api_token: ApiTokenBody,
    /// Shown with every request, as `Authorization: Bearer …`. It is never told again.
    #[schema(min_length = 68, max_length = 68, pattern = "^ipt_[0-9a-f]{64}$")]
    token: String,
}

/// Make an API token for yourself. Its secret is in this answer, and in its repetition by the same idempotency key.
#[utoipa::path(
    post,
    path = "/api/v1/auth/api-tokens",
    tag = "auth",
    operation_id = "create_api_token",
    security(("bearer" = [])),
    request_body = CreateBody,
    responses(
        (status = 201, description = "The token, shown this once.", body = CreatedBody),
        (status = 409, description = "You have as many as one may have.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let new = body.validate()?;
    commander.give(&services, created, async |command| services.auth.create_api_token(command, new).await).await
}

fn created((token, secret): &(ApiToken, TokenSecret)) -> Answer {
    let body = CreatedBody { api_token: token.clone().into(), token: secret.expose().to_owned() };
    Answer::json(StatusCode::CREATED, &body).with_header(&header::CACHE_CONTROL, "no-store")
}
