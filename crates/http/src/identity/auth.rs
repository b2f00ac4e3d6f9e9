//! `/auth/…`: signing in and out, renewing tokens, and changing one's own password.

use actix_web::{HttpResponse, http::header, web::Data};
use incident_application::identity::SignedIn;
use incident_domain::identity::{Email, Password};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app_state::AppState,
    operation::{Access, Routes, post},
    problem::{ProblemCode, Validate, Validation},
    request::{Body, ClientDevice, CommandContext, SecretText},
    response::Response,
};

/// The credentials of a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login)]
struct LoginBody {
    #[schema(format = "email", max_length = 254, example = "admin@example.org")]
    email: String,
    #[schema(value_type = String, format = "password", example = "correct horse battery staple")]
    password: SecretText,
}

/// The refresh token to exchange.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refresh)]
struct RefreshBody {
    /// The token of the previous answer.
    #[schema(value_type = String, format = "password")]
    refresh_token: SecretText,
}

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePassword)]
struct PasswordBody {
    #[schema(value_type = String, format = "password")]
    current_password: SecretText,
    /// 12 to 72 bytes of UTF-8 that are not easy to guess.
    #[schema(value_type = String, format = "password", min_length = 3, max_length = 72)]
    new_password: SecretText,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
struct TokensBody {
    /// Sent with every further request, as `Authorization: Bearer …`.
    access_token: String,
    /// Sent once to `/auth/refresh`, for the next pair: `ipr_` and 64 hexadecimal digits.
    #[schema(min_length = 68, max_length = 68, pattern = "^ipr_[0-9a-f]{64}$")]
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// How many seconds the access token is valid.
    #[schema(example = 900)]
    expires_in: u64,
}

impl Validate for LoginBody {
    type Valid = (Email, String);

    fn validate(self, validation: &mut Validation) -> Option<Self::Valid> {
        let email = validation.check("/email", Email::parse(self.email))?;
        Some((email, self.password.into_exposed()))
    }
}

impl Validate for RefreshBody {
    type Valid = String;

    fn validate(self, _: &mut Validation) -> Option<String> {
        Some(self.refresh_token.into_exposed())
    }
}

impl Validate for PasswordBody {
    type Valid = (String, Password);

    fn validate(self, validation: &mut Validation) -> Option<Self::Valid> {
        let new = validation.check("/new_password", Password::parse(self.new_password.into_exposed()))?;
        Some((self.current_password.into_exposed(), new))
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("auth").described("Signing in, and your own sessions, password and API tokens.").operations([
        post("/api/v1/auth/login", Access::Public, login)
            .documented("login", "Sign in, which opens a session.")
            .returns::<TokensBody>("You are signed in.")
            .problems(&[ProblemCode::WrongCredentials]),
        post("/api/v1/auth/refresh", Access::Public, refresh)
            .documented("refresh", "Exchange a refresh token for a new pair of tokens.")
            .details(
                "Each refresh token is valid once. Sending it again ends the session, unless that happens within 30 \
                     seconds and the new pair was never used, as when a client has lost the answer.",
            )
            .returns::<TokensBody>("Your new tokens.")
            .problems(&[ProblemCode::InvalidToken, ProblemCode::SessionEnded, ProblemCode::RefreshTokenReused]),
        post("/api/v1/auth/logout", Access::Session, logout)
            .documented("logout", "Sign out, which ends your current session and its tokens.")
            .returns_nothing("You are signed out."),
        post("/api/v1/auth/password", Access::Session, change_password)
            .documented("change_password", "Change your own password.")
            .details("Your other sessions end; the current one continues.")
            .returns_nothing("The password is changed."),
    ])
}

async fn login(
    state: Data<AppState>,
    ClientDevice(device): ClientDevice,
    Body((email, password)): Body<LoginBody>,
) -> Response {
    Ok(respond(&state.auth.sign_in(&email, password, device).await?))
}

async fn refresh(
    state: Data<AppState>,
    ClientDevice(device): ClientDevice,
    Body(token): Body<RefreshBody>,
) -> Response {
    Ok(respond(&state.auth.refresh(&token, device).await?))
}

async fn logout(command: CommandContext) -> Response {
    command.execute_no_content(async |state, command| state.auth.sign_out(command).await).await
}

async fn change_password(command: CommandContext, Body((current, new)): Body<PasswordBody>) -> Response {
    command.execute_no_content(async |state, command| state.auth.change_password(command, current, new).await).await
}

/// Responds with tokens, which caches must not store (RFC 6749, section 5.1).
fn respond(signed_in: &SignedIn) -> HttpResponse {
    let body = TokensBody {
        access_token: signed_in.access_token.expose().to_owned(),
        refresh_token: signed_in.refresh_token.expose().to_owned(),
        token_type: "bearer",
        expires_in: signed_in.expires_in.as_secs(),
    };
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}
