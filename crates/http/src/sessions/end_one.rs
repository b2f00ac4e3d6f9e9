//! `DELETE /auth/sessions/{session_id}`, `DELETE /users/{id}/sessions/{session_id}`: end a session.

use actix_web::{HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{Commander, SessionPath, UserPath},
    services::Services,
};

/// End one of your own sessions.
#[utoipa::path(
    delete,
    path = "/api/v1/auth/sessions/{session_id}",
    tag = "auth",
    operation_id = "end_my_session",
    security(("bearer" = [])),
    params(("session_id" = uuid::Uuid, Path, description = "The session's id.")),
    responses((status = 204, description = "It has ended."), SignedInProblems, LookUpProblems)
)]
pub(crate) async fn own(
    services: Data<Services>,
    commander: Commander,
    SessionPath(session): SessionPath,
) -> Result<HttpResponse, Problem> {
    let own = commander.caller().require_user()?;
    commander.give_quietly(&services, async |command| services.auth.end_session(command, own, session).await).await
}

/// End a user's session: anybody's as an administrator.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/sessions/{session_id}",
    tag = "users",
    operation_id = "end_user_session",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The user's id."),
        ("session_id" = uuid::Uuid, Path, description = "The session's id."),
    ),
    responses((status = 204, description = "It has ended."), SignedInProblems, LookUpProblems)
)]
pub(crate) async fn of_user(
    services: Data<Services>,
    commander: Commander,
    UserPath(user): UserPath,
    SessionPath(session): SessionPath,
) -> Result<HttpResponse, Problem> {
    commander.give_quietly(&services, async |command| services.auth.end_session(command, user, session).await).await
}
