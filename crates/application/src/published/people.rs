//! The events of users, their sessions and their API tokens: nothing in them is a secret, or a person's own.

use incident_domain::{
    ApiToken, ApiTokenSelection, Event, Revocation, Session, SessionSelection, Timestamp, User, ports::IdGenerator,
};
use serde::Serialize;

use super::event;

/// What every `user.*.v1` event tells of the user, as they stand after the change.
#[derive(Serialize)]
struct UserV1 {
    id: String,
    role: &'static str,
    is_active: bool,
    version: u32,
}

/// `user.created.v1`
pub(crate) fn of_new_user(user: &User, ids: &dyn IdGenerator) -> Event {
    of_user("user.created.v1", user, user.created_at, ids)
}

/// `user.updated.v1`
pub(crate) fn of_updated_user(user: &User, ids: &dyn IdGenerator) -> Event {
    of_user("user.updated.v1", user, user.updated_at, ids)
}

/// `user.deleted.v1`
pub(crate) fn of_deleted_user(user: &User, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    of_user("user.deleted.v1", user, at, ids)
}

fn of_user(kind: &str, user: &User, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload = UserV1 {
        id: user.id.to_string(),
        role: user.role.as_str(),
        is_active: user.is_active,
        version: user.version.get(),
    };
    event(kind, format!("user:{}", user.id), at, &payload, ids)
}

#[derive(Serialize)]
struct SessionV1 {
    id: String,
    user_id: String,
    expires_at: String,
}

/// `session.opened.v1`
pub(crate) fn of_session(session: &Session, ids: &dyn IdGenerator) -> Event {
    of_session_as("session.opened.v1", session, session.created_at, ids)
}

/// `session.refreshed.v1`
pub(crate) fn of_refresh(session: &Session, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    of_session_as("session.refreshed.v1", session, at, ids)
}

fn of_session_as(kind: &str, session: &Session, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload = SessionV1 {
        id: session.id.to_string(),
        user_id: session.user_id.to_string(),
        expires_at: session.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    };
    event(kind, format!("session:{}", session.id), at, &payload, ids)
}

/// Which sessions were ended: one, all of a user, all of a user but one, or everybody's.
#[derive(Serialize)]
struct SessionsRevokedV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_session_id: Option<String>,
    because: &'static str,
}

/// `sessions.revoked.v1`
pub(crate) fn of_sessions_revoked(
    selection: &SessionSelection,
    revocation: &Revocation,
    ids: &dyn IdGenerator,
) -> Event {
    let because = revocation.because.as_str();
    let nobody = SessionsRevokedV1 { session_id: None, user_id: None, kept_session_id: None, because };
    let (subject, payload) = match selection {
        SessionSelection::One(id) => {
            (format!("session:{id}"), SessionsRevokedV1 { session_id: Some(id.to_string()), ..nobody })
        }
        SessionSelection::OfUser(id) => {
            (format!("user:{id}"), SessionsRevokedV1 { user_id: Some(id.to_string()), ..nobody })
        }
        SessionSelection::OthersOfUser { user_id, kept } => {
            let (user_id, kept) = (user_id.to_string(), kept.to_string());
            let subject = format!("user:{user_id}");
            (subject, SessionsRevokedV1 { user_id: Some(user_id), kept_session_id: Some(kept), ..nobody })
        }
        SessionSelection::All => ("sessions".to_owned(), nobody),
    };
    event("sessions.revoked.v1", subject, revocation.at, &payload, ids)
}

#[derive(Serialize)]
struct ApiTokenV1 {
    id: String,
    user_id: String,
    role: &'static str,
    expires_at: String,
}

/// `api_token.created.v1`
pub(crate) fn of_api_token(token: &ApiToken, ids: &dyn IdGenerator) -> Event {
    let payload = ApiTokenV1 {
        id: token.id.to_string(),
        user_id: token.user_id.to_string(),
        role: token.role.as_str(),
        expires_at: token.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    };
    event("api_token.created.v1", format!("api_token:{}", token.id), token.created_at, &payload, ids)
}

/// Which API tokens were ended: one, or all of a user.
#[derive(Serialize)]
struct ApiTokensRevokedV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_token_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

/// `api_tokens.revoked.v1`
pub(crate) fn of_api_tokens_revoked(selection: &ApiTokenSelection, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let (subject, payload) = match selection {
        ApiTokenSelection::One(id) => {
            (format!("api_token:{id}"), ApiTokensRevokedV1 { api_token_id: Some(id.to_string()), user_id: None })
        }
        ApiTokenSelection::OfUser(id) => {
            (format!("user:{id}"), ApiTokensRevokedV1 { api_token_id: None, user_id: Some(id.to_string()) })
        }
    };
    event("api_tokens.revoked.v1", subject, at, &payload, ids)
}
