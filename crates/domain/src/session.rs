//! A signed-in device.

use crate::{SessionId, Timestamp, UserId};

/// Says whether the holder of an access token is still allowed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// What the device calls itself, shortened to [`Session::USER_AGENT_CHARS_MAX`].
    pub user_agent: Option<String>,
    /// The address it signed in from.
    pub ip: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub revoked_at: Option<Timestamp>,
}

impl Session {
    /// The most characters of a user agent that are kept.
    pub const USER_AGENT_CHARS_MAX: usize = 256;

    /// Whether it lets its user in at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
