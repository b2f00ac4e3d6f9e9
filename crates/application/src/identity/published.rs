//! The events of users, their sessions and their API tokens. None of them holds a secret or personal data.

use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, Revocation, Session, SessionSelection, User},
    kernel::{Audience, Event, IdGenerator, Timestamp},
};
use serde::Serialize;

use crate::kernel::{Published, event, rfc3339, target};

impl Published for User {
    const COLLECTION: &'static str = "users";
    const AUDIENCE: Audience = Audience::Administrators;

    fn payload(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct UserV1 {
            id: String,
            role: &'static str,
            is_active: bool,
            version: u32,
        }
        UserV1 {
            id: self.id.to_string(),
            role: self.role.as_str(),
            is_active: self.is_active,
            version: self.version.get(),
        }
    }
}

fn about_access(kind: &str, subject: String, at: Timestamp, payload: &impl Serialize, ids: &dyn IdGenerator) -> Event {
    event(kind, subject, Audience::Administrators, at, payload, ids)
}

#[derive(Serialize)]
struct SessionV1 {
    id: String,
    user_id: String,
    expires_at: String,
}

/// Makes `session.opened.v1`.
pub(super) fn session_opened(session: &Session, ids: &dyn IdGenerator) -> Event {
    session_event("session.opened.v1", session, session.created_at, ids)
}

/// Makes `session.refreshed.v1`.
pub(super) fn session_refreshed(session: &Session, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    session_event("session.refreshed.v1", session, at, ids)
}

fn session_event(kind: &str, session: &Session, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let payload = SessionV1 {
        id: session.id.to_string(),
        user_id: session.user_id.to_string(),
        expires_at: rfc3339(session.expires_at),
    };
    about_access(kind, target(session.id), at, &payload, ids)
}

/// Which sessions were ended: one, all of a user, all of a user but one, or all.
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

/// Makes `sessions.revoked.v1`.
pub(super) fn sessions_revoked(selection: &SessionSelection, revocation: &Revocation, ids: &dyn IdGenerator) -> Event {
    let because = revocation.because.as_str();
    let mut payload = SessionsRevokedV1 { session_id: None, user_id: None, kept_session_id: None, because };
    match selection {
        SessionSelection::One(id) => payload.session_id = Some(id.to_string()),
        SessionSelection::OfUser(id) => payload.user_id = Some(id.to_string()),
        SessionSelection::OthersOfUser { user_id, kept } => {
            payload.user_id = Some(user_id.to_string());
            payload.kept_session_id = Some(kept.to_string());
        }
        SessionSelection::All => {}
    }
    about_access("sessions.revoked.v1", sessions_target(selection), revocation.at, &payload, ids)
}

/// Names the sessions of a selection in the audit and in events.
pub(super) fn sessions_target(selection: &SessionSelection) -> String {
    match selection {
        SessionSelection::One(id) => target(*id),
        SessionSelection::OfUser(id) | SessionSelection::OthersOfUser { user_id: id, .. } => target(*id),
        SessionSelection::All => "sessions".to_owned(),
    }
}

#[derive(Serialize)]
struct ApiTokenV1 {
    id: String,
    user_id: String,
    role: &'static str,
    expires_at: String,
}

/// Makes `api_token.created.v1`.
pub(super) fn api_token_created(token: &ApiToken, ids: &dyn IdGenerator) -> Event {
    let payload = ApiTokenV1 {
        id: token.id.to_string(),
        user_id: token.user_id.to_string(),
        role: token.role.as_str(),
        expires_at: rfc3339(token.expires_at),
    };
    about_access("api_token.created.v1", target(token.id), token.created_at, &payload, ids)
}

/// Which API tokens were ended: one, or all of a user.
#[derive(Serialize)]
struct ApiTokensRevokedV1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_token_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

/// Makes `api_tokens.revoked.v1`.
pub(super) fn api_tokens_revoked(selection: &ApiTokenSelection, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let (subject, api_token_id, user_id) = match selection {
        ApiTokenSelection::One(id) => (target(*id), Some(id.to_string()), None),
        ApiTokenSelection::OfUser(id) => (target(*id), None, Some(id.to_string())),
    };
    about_access("api_tokens.revoked.v1", subject, at, &ApiTokensRevokedV1 { api_token_id, user_id }, ids)
}
