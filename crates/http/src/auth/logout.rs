//! `POST /auth/logout`: sign out.

use actix_web::{HttpResponse, web::Data};

use crate::{
    problem::{Problem, SignedInProblems},
    request::SignedIn,
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
pub(crate) async fn handle(services: Data<Services>, SignedIn(caller): SignedIn) -> Result<HttpResponse, Problem> {
    services.auth.sign_out(&caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
