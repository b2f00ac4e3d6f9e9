//! `/auth/sessions` and `/users/{id}/sessions`: signed-in devices.

use chrono::{DateTime, Utc};
use incident_application::{identity::SessionScope, kernel::Principal};
use incident_domain::{
    identity::Session,
    kernel::{SessionId, UserId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::device_name::device_name;
use crate::{
    app_state::AppState,
    operation::{Access, Routes, delete, get},
    problem::Validation,
    request::{CommandContext, Id, PageParameters, Parameters, QueryContext, flag},
    response::{ListBody, Response},
};

const ENDED: &str = "The session has ended.";
const ALL_ENDED: &str = "The sessions have ended.";

/// A signed-in device.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    id: Uuid,
    /// The kind of device, derived from its user agent.
    #[schema(example = "Firefox on Linux")]
    device: Option<String>,
    /// The device's user agent; cut after 256 characters.
    #[schema(max_length = 256)]
    user_agent: Option<String>,
    /// The address it signed in from.
    #[schema(example = "192.0.2.1")]
    ip: Option<String>,
    created_at: DateTime<Utc>,
    /// The time of its last request, to about a minute.
    last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
    /// Whether it is the session of this request.
    is_current: bool,
}

impl SessionBody {
    fn new(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.as_uuid(),
            device: session.user_agent.as_deref().and_then(device_name),
            user_agent: session.user_agent,
            ip: session.ip,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            is_current: current == Some(session.id),
        }
    }
}

/// Which sessions to end.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EndQuery {
    /// Whether the session of this request continues.
    #[param(value_type = Option<bool>, default = false)]
    keep_current: Option<String>,
}

pub(super) fn routes() -> Routes {
    let own = Routes::tagged("auth").operations([
        get("/api/v1/auth/sessions", Access::VIEWER, list_own)
            .documented("list_my_sessions", "List your own sessions, the newest first.")
            .returns_page::<SessionBody>("A page of your sessions."),
        delete("/api/v1/auth/sessions", Access::Session, end_all_own)
            .documented("end_my_sessions", "End all your sessions, with or without the current one.")
            .returns_nothing(ALL_ENDED),
        delete("/api/v1/auth/sessions/{session_id}", Access::OwnBySession, end_own)
            .documented("end_my_session", "End one of your own sessions.")
            .returns_nothing(ENDED),
    ]);
    let of_users = Routes::tagged("users").operations([
        get("/api/v1/users/{id}/sessions", Access::OwnOrAdmin, list)
            .documented("list_user_sessions", "List a user's sessions, the newest first.")
            .returns_page::<SessionBody>("A page of the user's sessions."),
        delete("/api/v1/users/{id}/sessions", Access::OwnBySessionOrAdmin, end_all)
            .documented("end_user_sessions", "End all sessions of a user.")
            .returns_nothing(ALL_ENDED),
        delete("/api/v1/users/{id}/sessions/{session_id}", Access::OwnBySessionOrAdmin, end)
            .documented("end_user_session", "End a user's session.")
            .returns_nothing(ENDED),
    ]);
    own.merge(of_users)
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
    let page = state.auth.sessions(caller, user, request).await?;
    let current = caller.origin.session_id;
    let cursor_of = |session: &Session| session.id.to_string();
    Ok(ListBody::respond(page, &request, cursor_of, |session| SessionBody::new(session, current)))
}

async fn end_all_own(command: CommandContext, Parameters((query,)): Parameters<(EndQuery,)>) -> Response {
    let mut validation = Validation::default();
    let keep_current = flag(&mut validation, "?keep_current", query.keep_current.as_deref());
    validation.finish(Some(()))?;
    let scope = if keep_current == Some(true) { SessionScope::Others } else { SessionScope::All };
    let user = command.caller.require_user()?;
    command.execute_no_content(async |state, command| state.auth.end_sessions(command, user, scope).await).await
}

async fn end_all(command: CommandContext, Id(user): Id<UserId>) -> Response {
    let scope = SessionScope::All;
    command.execute_no_content(async |state, command| state.auth.end_sessions(command, user, scope).await).await
}

async fn end_own(command: CommandContext, Id(session): Id<SessionId>) -> Response {
    let user = command.caller.require_user()?;
    command.execute_no_content(async |state, command| state.auth.end_session(command, user, session).await).await
}

async fn end(command: CommandContext, Id(user): Id<UserId>, Id(session): Id<SessionId>) -> Response {
    command.execute_no_content(async |state, command| state.auth.end_session(command, user, session).await).await
}
