//! `POST /auth/logout`: sign out.

use actix_web::{HttpResponse, web::Data};

use crate::{
    problem::{Problem, SignedInProblems},
    request::Commander,
    services::Services,
};

/// Sign out: ends the session that asks, with its access and refresh tokens.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    tag = "auth",
    operation_id = "logout",
    security(("bearer" = [])),
    responses((status = 204, description = "You are signed out."), SignedInProblems)
)]
pub(crate) async fn handle(services: Data<Services>, commander: Commander) -> Result<HttpResponse, Problem> {
    commander.give_quietly(&services, async |command| services.auth.sign_out(command).await).await
}
