//! `POST /auth/login`: sign in.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use incident_domain::Email;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{TokensBody, respond};
use crate::{
    problem::{BodyProblems, Problem, ProblemBody, SigningInProblems, Validation},
    request::{Body, SecretText, device},
    services::Services,
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login)]
pub(crate) struct LoginBody {
    #[schema(format = "email", max_length = 254, example = "admin@example.org")]
    email: String,
    #[schema(value_type = String, format = "password", example = "correct horse battery staple")]
    password: SecretText,
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
        (status = 200, description = "You are signed in.", body = TokensBody),
        (status = 401, description = "The email or the password is wrong.", body = ProblemBody, content_type = "application/problem+json"),
        SigningInProblems,
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
    let device = device(&request, &services);
    let signed_in = services.auth.sign_in(&email, body.password.into_exposed(), device).await?;
    Ok(respond(&signed_in))
}
