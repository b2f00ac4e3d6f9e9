//! `DELETE /auth/sessions`, `DELETE /users/{id}/sessions`: end sessions, all or all others.

use actix_web::{HttpResponse, web::Data};
use incident_application::SessionScope;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Commander, Parameters, UserPath},
    services::Services,
};

/// Which of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EndQuery {
    /// Whether the session that asks goes on.
    #[param(value_type = Option<bool>, default = false)]
    keep_current: Option<String>,
}

impl EndQuery {
    fn scope(&self) -> Result<SessionScope, Problem> {
        let mut check = Validation::new();
        let scope = match self.keep_current.as_deref() {
            None | Some("false") => Some(SessionScope::All),
            Some("true") => Some(SessionScope::Others),
            Some(_) => {
                check.refuse("?keep_current", "unknown_value", "must be true or false");
                None
            }
        };
        check.finish(|| scope)
    }
}

/// End your own sessions: all, this one included, or all others.
#[utoipa::path(
    delete,
    path = "/api/v1/auth/sessions",
    tag = "auth",
    operation_id = "end_my_sessions",
    security(("bearer" = [])),
    params(EndQuery),
    responses(
        (status = 204, description = "They have ended."),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn own(
    services: Data<Services>,
    commander: Commander,
    Parameters(query): Parameters<EndQuery>,
) -> Result<HttpResponse, Problem> {
    let (own, scope) = (commander.caller().require_user()?, query.scope()?);
    commander.give_quietly(&services, async |command| services.auth.end_sessions(command, own, scope).await).await
}

/// End all sessions of a user: anybody's as an administrator.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/sessions",
    tag = "users",
    operation_id = "end_user_sessions",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The user's id.")),
    responses((status = 204, description = "They have ended."), SignedInProblems, LookUpProblems)
)]
pub(crate) async fn of_user(
    services: Data<Services>,
    commander: Commander,
    UserPath(user): UserPath,
) -> Result<HttpResponse, Problem> {
    commander
        .give_quietly(&services, async |command| services.auth.end_sessions(command, user, SessionScope::All).await)
        .await
}
