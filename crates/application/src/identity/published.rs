//! The events of users, their sessions and their API tokens. None of them holds a secret or personal data.

use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, Revocation, Session, SessionSelection, User},
    kernel::{Audience, Event, IdGenerator, Timestamp},
};
use serde_json::{Value, json};

use crate::kernel::{Published, event, rfc3339, target};

impl Published for User {
    const COLLECTION: &'static str = "users";
    const AUDIENCE: Audience = Audience::Administrators;

    fn payload(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "role": self.role.as_str(),
            "is_active": self.is_active,
            "version": self.version.get(),
        })
    }
}

fn access_event(kind: &str, subject: String, at: Timestamp, payload: &Value, ids: &dyn IdGenerator) -> Event {
    event(kind, subject, Audience::Administrators, at, payload, ids)
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
    let payload = json!({
        "id": session.id.to_string(),
        "user_id": session.user_id.to_string(),
        "expires_at": rfc3339(session.expires_at),
    });
    access_event(kind, target(session.id), at, &payload, ids)
}

/// Makes `sessions.revoked.v1`, which names one session, all of a user, all of a user but one, or none for all sessions.
pub(super) fn sessions_revoked(selection: &SessionSelection, revocation: &Revocation, ids: &dyn IdGenerator) -> Event {
    let because = revocation.because.as_str();
    let payload = match selection {
        SessionSelection::One(id) => json!({ "session_id": id.to_string(), "because": because }),
        SessionSelection::OfUser(id) => json!({ "user_id": id.to_string(), "because": because }),
        SessionSelection::OthersOfUser { user_id, kept } => {
            json!({ "user_id": user_id.to_string(), "kept_session_id": kept.to_string(), "because": because })
        }
        SessionSelection::All => json!({ "because": because }),
    };
    access_event("sessions.revoked.v1", sessions_target(selection), revocation.at, &payload, ids)
}

/// Names the sessions of a selection in the audit and in events.
pub(super) fn sessions_target(selection: &SessionSelection) -> String {
    match selection {
        SessionSelection::One(id) => target(*id),
        SessionSelection::OfUser(id) | SessionSelection::OthersOfUser { user_id: id, .. } => target(*id),
        SessionSelection::All => "sessions".to_owned(),
    }
}

/// Makes `api_token.created.v1`.
pub(super) fn api_token_created(token: &ApiToken, ids: &dyn IdGenerator) -> Event {
    let payload = json!({
        "id": token.id.to_string(),
        "user_id": token.user_id.to_string(),
        "role": token.role.as_str(),
        "expires_at": rfc3339(token.expires_at),
    });
    access_event("api_token.created.v1", target(token.id), token.created_at, &payload, ids)
}

/// Makes `api_tokens.revoked.v1`, which names one token, or all of a user.
pub(super) fn api_tokens_revoked(selection: &ApiTokenSelection, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let (subject, payload) = match selection {
        ApiTokenSelection::One(id) => (target(*id), json!({ "api_token_id": id.to_string() })),
        ApiTokenSelection::OfUser(id) => (target(*id), json!({ "user_id": id.to_string() })),
    };
    access_event("api_tokens.revoked.v1", subject, at, &payload, ids)
}
