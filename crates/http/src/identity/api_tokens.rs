//! `/auth/api-tokens` and `/users/{id}/api-tokens`: API tokens for machines.

use actix_web::http::{Method, StatusCode, header};
use chrono::{DateTime, Utc};
use incident_application::{identity::NewApiToken, kernel::Principal};
use incident_domain::{
    identity::{ApiToken, TokenSecret},
    kernel::{ApiTokenId, Label, Role, UserId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::role_name::RoleName;
use crate::{
    app_state::AppState,
    operation::{Access, Routes, delete, get, post},
    problem::{ProblemCode, Validate, Validation},
    request::{Body, CommandContext, Id, PageParameters, Parameters, QueryContext},
    response::{CommandResponse, ListBody, PathId, Response},
    shown::body_of,
};

/// The default lifetime of a token.
const EXPIRES_IN_DAYS_DEFAULT: u32 = 90;

const REVOKED: &str = "The API token is revoked.";

impl PathId for ApiTokenId {
    const PARAMETER: &'static str = "token_id";
}

body_of! {
    /// An API token, without its secret.
    #[schema(as = ApiToken)]
    struct ApiTokenBody from token: ApiToken {
        id: Uuid,
        /// The name that its user has given it.
        #[schema(min_length = 1, max_length = 128, example = "nightly import")]
        name: String,
        /// The highest role that it may use; never more than its user has.
        role: RoleName,
        created_at: DateTime<Utc>,
        /// When it stops being valid.
        expires_at: DateTime<Utc>,
        /// When it was last used, to about a minute; `null` if never.
        last_used_at: Option<DateTime<Utc>>,
    }
}

/// A new API token with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedApiToken)]
struct CreatedBody {
    #[serde(flatten)]
    api_token: ApiTokenBody,
    /// Sent with every request, as `Authorization: Bearer …`. It cannot be read again.
    #[schema(min_length = 68, max_length = 68, pattern = "^ipt_[0-9a-f]{64}$")]
    token: String,
}

/// The API token to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApiToken)]
struct CreateBody {
    /// A name of your choice.
    #[schema(min_length = 1, max_length = 128, example = "nightly import")]
    name: String,
    /// The highest role that it may use; at most your own.
    role: RoleName,
    /// How many days it is valid; the default is 90.
    #[schema(minimum = 1, maximum = 366, default = 90)]
    expires_in_days: Option<u32>,
}

impl Validate for CreateBody {
    type Valid = NewApiToken;

    fn validate(self, validation: &mut Validation) -> Option<NewApiToken> {
        let name = validation.check("/name", Label::parse(self.name));
        let role = validation.check("/role", self.role.parse::<Role>());
        let lifetime_days = self.expires_in_days.unwrap_or(EXPIRES_IN_DAYS_DEFAULT);
        Some(NewApiToken { name: name?, role: role?, lifetime_days })
    }
}

pub(super) fn routes() -> Routes {
    let own = Routes::tagged("auth").operations([
        get("/api/v1/auth/api-tokens", Access::VIEWER, list_own)
            .documented("list_my_api_tokens", "List your own API tokens, the newest first.")
            .details("Expired tokens are included, revoked ones are not.")
            .returns_page::<ApiTokenBody>("A page of your API tokens."),
        post("/api/v1/auth/api-tokens", Access::Session, create)
            .documented("create_api_token", "Create an API token for yourself.")
            .details("Only this answer, and its repetition by the same idempotency key, contains the secret.")
            .creates_json::<CreatedBody>("The new API token with its secret.")
            .problems(&[ProblemCode::TooManyApiTokens])
            .link(Method::DELETE, "/api/v1/auth/api-tokens/{token_id}", "Revoke it."),
        delete("/api/v1/auth/api-tokens/{token_id}", Access::OwnBySession, revoke_own)
            .documented("revoke_my_api_token", "Revoke one of your own API tokens.")
            .returns_nothing(REVOKED),
    ]);
    let of_users = Routes::tagged("users").operations([
        get("/api/v1/users/{id}/api-tokens", Access::OwnOrAdmin, list)
            .documented("list_user_api_tokens", "List a user's API tokens, the newest first.")
            .returns_page::<ApiTokenBody>("A page of the user's API tokens."),
        delete("/api/v1/users/{id}/api-tokens/{token_id}", Access::OwnBySessionOrAdmin, revoke)
            .documented("revoke_user_api_token", "Revoke a user's API token.")
            .returns_nothing(REVOKED),
    ]);
    own.merge(of_users)
}

async fn create(command: CommandContext, Body(new): Body<CreateBody>) -> Response {
    command.execute(created, async |state, command| state.auth.create_api_token(command, new).await).await
}

fn created((token, secret): &(ApiToken, TokenSecret)) -> CommandResponse {
    let body = CreatedBody { api_token: token.clone().into(), token: secret.expose().to_owned() };
    CommandResponse::json(StatusCode::CREATED, &body).with_header(&header::CACHE_CONTROL, "no-store")
}

async fn list_own(context: QueryContext, Parameters((page,)): Parameters<(PageParameters,)>) -> Response {
    respond(&context.state, &context.caller, context.caller.require_user()?, &page).await
}

async fn list(
    context: QueryContext,
    Id(user): Id<UserId>,
    Parameters((page,)): Parameters<(PageParameters,)>,
) -> Response {
    respond(&context.state, &context.caller, user, &page).await
}

async fn respond(state: &AppState, caller: &Principal, user: UserId, page: &PageParameters) -> Response {
    let request = page.request()?;
    let page = state.auth.api_tokens(caller, user, request).await?;
    Ok(ListBody::respond(page, &request, |token: &ApiToken| token.id.to_string(), ApiTokenBody::from))
}

async fn revoke_own(command: CommandContext, Id(token): Id<ApiTokenId>) -> Response {
    let user = command.caller.require_user()?;
    command.execute_no_content(async |state, command| state.auth.revoke_api_token(command, user, token).await).await
}

async fn revoke(command: CommandContext, Id(user): Id<UserId>, Id(token): Id<ApiTokenId>) -> Response {
    command.execute_no_content(async |state, command| state.auth.revoke_api_token(command, user, token).await).await
}
