//! A session, as the API shows it.

use chrono::{DateTime, Utc};
use incident_domain::{Session, SessionId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::device_name::device_name;

/// A signed-in device.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    id: Uuid,
    /// What kind of device it is, as far as its user agent tells.
    #[schema(example = "Firefox on Linux")]
    device: Option<String>,
    /// What the device calls itself; cut after 256 characters.
    #[schema(max_length = 256)]
    user_agent: Option<String>,
    /// The address it signed in from.
    #[schema(example = "192.0.2.1")]
    ip: Option<String>,
    created_at: DateTime<Utc>,
    /// When it was last heard of, to about a minute.
    last_seen_at: DateTime<Utc>,
    /// When it ends, however busy it is.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl SessionBody {
    pub(super) fn new(session: Session, current: Option<SessionId>) -> Self {
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
