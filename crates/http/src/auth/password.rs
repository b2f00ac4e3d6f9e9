//! `POST /auth/password`: change your own password.

use actix_web::{HttpResponse, web::Data};
use incident_domain::Password;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    problem::{BodyProblems, Problem, SignedInProblems, Validation},
    request::{Body, Commander, SecretText},
    services::Services,
};

/// The password that is, and the one that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePassword)]
pub(crate) struct PasswordBody {
    #[schema(value_type = String, format = "password")]
    current_password: SecretText,
    /// 12 to 72 bytes of UTF-8 that nobody guesses.
    #[schema(value_type = String, format = "password", min_length = 3, max_length = 72)]
    new_password: SecretText,
}

/// Change your own password. Your other sessions end; this one goes on.
#[utoipa::path(
    post,
    path = "/api/v1/auth/password",
    tag = "auth",
    operation_id = "change_password",
    security(("bearer" = [])),
    request_body = PasswordBody,
    responses((status = 204, description = "It is changed."), SignedInProblems, BodyProblems)
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<PasswordBody>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let new = check.take("/new_password", Password::parse(body.new_password.into_exposed()));
    let new = check.finish(|| new)?;
    let current = body.current_password.into_exposed();
    commander.give_quietly(&services, async |command| services.auth.change_password(command, current, new).await).await
}
