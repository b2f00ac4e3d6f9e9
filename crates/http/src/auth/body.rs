//! What a client gets by signing in, and by each refresh.

use actix_web::{HttpResponse, http::header};
use incident_application::SignedIn;
use serde::Serialize;
use utoipa::ToSchema;

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct TokensBody {
    /// Shown with every further request, as `Authorization: Bearer …`.
    access_token: String,
    /// Shown once to `/auth/refresh`, for the next pair: `ipr_` and 64 hexadecimal digits.
    #[schema(min_length = 68, max_length = 68, pattern = "^ipr_[0-9a-f]{64}$")]
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(example = 900)]
    expires_in: u64,
}

/// An answer with tokens, which are not for caches (RFC 6749, section 5.1).
pub(super) fn respond(signed_in: &SignedIn) -> HttpResponse {
    let body = TokensBody {
        access_token: signed_in.access_token.expose().to_owned(),
        refresh_token: signed_in.refresh_token.expose().to_owned(),
        token_type: "bearer",
        expires_in: signed_in.expires_in.as_secs(),
    };
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body)
}
