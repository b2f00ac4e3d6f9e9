//! Sessions.

use chrono::TimeDelta;

use crate::kernel::{Record, RecordId as _, RecordKind, Reference, SessionId, Timestamp, UserId, names::named};

named!(
    /// The reason why a session was revoked.
    RevocationReason {
        /// The device signed out.
        SignedOut = "signed_out",
        /// The user ended it from another device.
        EndedByUser = "ended_by_user",
        /// An administrator ended it.
        EndedByAdmin = "ended_by_admin",
        /// An operator of the server ended it from the command line.
        EndedByOperator = "ended_by_operator",
        /// The password was changed in another session.
        PasswordChanged = "password_changed",
        /// The account was deactivated.
        UserDeactivated = "user_deactivated",
        /// A refresh token was used twice, so that a copy of it exists.
        RefreshTokenReused = "refresh_token_reused",
    }
);

/// The time and reason of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The time.
    pub at: Timestamp,
    /// The reason.
    pub because: RevocationReason,
}

/// A signed-in device, which authorises the holder of an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The identifier.
    pub id: SessionId,
    /// The user who signed in.
    pub user_id: UserId,
    /// The user agent of the device, shortened to [`Session::USER_AGENT_CHARS_MAX`].
    pub user_agent: Option<String>,
    /// The IP address at sign-in.
    pub ip: Option<String>,
    /// The time of sign-in.
    pub created_at: Timestamp,
    /// The time of the last request, which is written with a delay to save writes.
    pub last_seen_at: Timestamp,
    /// The time of expiry, however active the session is.
    pub expires_at: Timestamp,
    /// The revocation.
    pub revocation: Option<Revocation>,
}

impl Session {
    /// The most characters of a user agent that are stored.
    pub const USER_AGENT_CHARS_MAX: usize = 256;

    /// Returns true if the session is neither revoked, nor expired, nor idle for `idle_max` or longer at `now`.
    pub fn is_live(&self, now: Timestamp, idle_max: TimeDelta) -> bool {
        self.revocation.is_none() && now < self.expires_at && now - self.last_seen_at < idle_max
    }
}

/// The sessions of a user that are live at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveSessions {
    /// The user.
    pub user_id: UserId,
    /// The time.
    pub now: Timestamp,
    /// The time after which a session without requests is no longer live.
    pub idle_max: TimeDelta,
}

impl LiveSessions {
    /// Returns true if a session is one of them.
    pub fn matches(&self, session: &Session) -> bool {
        session.user_id == self.user_id && session.is_live(self.now, self.idle_max)
    }

    /// Returns the latest `last_seen_at` of a session that is idle.
    pub fn silent_since(&self) -> Timestamp {
        self.now - self.idle_max
    }
}

/// The sessions to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSelection {
    /// One session.
    One(SessionId),
    /// All sessions of a user.
    OfUser(UserId),
    /// All sessions of a user but one.
    OthersOfUser {
        /// The user.
        user_id: UserId,
        /// The session that stays.
        kept: SessionId,
    },
    /// The sessions of all users.
    All,
}

impl SessionSelection {
    /// Returns true if a session is selected.
    pub fn matches(&self, session: &Session) -> bool {
        match self {
            Self::One(id) => session.id == *id,
            Self::OfUser(user_id) => session.user_id == *user_id,
            Self::OthersOfUser { user_id, kept } => session.user_id == *user_id && session.id != *kept,
            Self::All => true,
        }
    }
}

impl Record for Session {
    type Id = SessionId;
    const KIND: RecordKind = SessionId::KIND;

    fn id(&self) -> SessionId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::to_owner(self.user_id)]
    }
}
