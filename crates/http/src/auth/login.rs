//! `POST /auth/login`: sign in.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use incident_application::Device;
use incident_domain::Email;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    problem::{BodyProblems, Problem, ProblemBody, Validation},
    request::{Body, RequestId, client_ip},
    services::Services,
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login)]
pub(crate) struct LoginBody {
    #[schema(format = "email", max_length = 254, example = "admin@example.org")]
    email: String,
    #[schema(format = "password", example = "correct horse battery staple")]
    password: String,
}

/// What a client shows with every further request, as `Authorization: Bearer …`.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct TokenBody {
    /// The access token.
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(example = 900)]
    expires_in: u64,
}

/// Sign in: opens a session.
#[utoipa::path(
    post,
    path = "/api/v1/auth/login",
    tag = "auth",
    operation_id = "login",
    security(()),
    request_body = LoginBody,
    responses(
        (status = 200, description = "You are signed in.", body = TokenBody),
        (status = 400, description = "The body is not JSON.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The email or the password is wrong.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store is away; try again.", body = ProblemBody, content_type = "application/problem+json"),
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    Body(body): Body<LoginBody>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let email = check.take("/email", Email::parse(body.email));
    let email = check.finish(|| email)?;
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let device = Device {
        user_agent: user_agent.map(str::to_owned),
        ip: client_ip(&request),
        request_id: RequestId::of(&request),
    };
    let signed_in = services.auth.sign_in(&email, body.password, device).await?;
    let body = TokenBody {
        access_token: signed_in.access_token,
        token_type: "bearer",
        expires_in: signed_in.expires_in.as_secs(),
    };
    // Tokens are not for caches (RFC 6749, section 5.1).
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}
