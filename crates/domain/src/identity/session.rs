//! A signed-in device.

use chrono::TimeDelta;

use crate::kernel::{Record, RecordId as _, RecordKind, Reference, SessionId, Timestamp, UserId, names::named};

named!(
    /// Why a session was ended before its time.
    RevocationReason {
        /// Its own device signed out.
        SignedOut = "signed_out",
        /// Its user ended it from another device.
        EndedByUser = "ended_by_user",
        /// An administrator ended it.
        EndedByAdmin = "ended_by_admin",
        /// Whoever runs the server ended it from the command line.
        EndedByOperator = "ended_by_operator",
        /// The password was changed elsewhere.
        PasswordChanged = "password_changed",
        /// The account was made inactive.
        UserDeactivated = "user_deactivated",
        /// A refresh token was used twice: somebody has a copy.
        RefreshTokenReused = "refresh_token_reused",
    }
);

/// When and why a session was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub because: RevocationReason,
}

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
    /// When it was last heard of. It lags behind by what the platform saves in writes.
    pub last_seen_at: Timestamp,
    /// When it ends by itself, however busy it is.
    pub expires_at: Timestamp,
    /// How it was ended before that.
    pub revocation: Option<Revocation>,
}

impl Session {
    /// The most characters of a user agent that are kept.
    pub const USER_AGENT_CHARS_MAX: usize = 256;

    /// Whether it lets its user in at this moment; one that was silent for longer than `idle_max` does not.
    pub fn is_live(&self, now: Timestamp, idle_max: TimeDelta) -> bool {
        self.revocation.is_none() && now < self.expires_at && now - self.last_seen_at < idle_max
    }
}

/// The sessions of one user that let them in at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveSessions {
    /// Whose.
    pub user_id: UserId,
    /// The moment.
    pub now: Timestamp,
    /// How long a session may be silent.
    pub idle_max: TimeDelta,
}

impl LiveSessions {
    /// Whether a session is one of them.
    pub fn matches(&self, session: &Session) -> bool {
        session.user_id == self.user_id && session.is_live(self.now, self.idle_max)
    }

    /// Sessions seen last at this time, or before it, have been silent for too long.
    pub fn silent_since(&self) -> Timestamp {
        self.now - self.idle_max
    }
}

/// Which sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSelection {
    /// This one.
    One(SessionId),
    /// All of a user.
    OfUser(UserId),
    /// All of a user but this one.
    OthersOfUser {
        /// Whose.
        user_id: UserId,
        /// The one that stays.
        kept: SessionId,
    },
    /// Everybody's.
    All,
}

impl SessionSelection {
    /// Whether it selects a session.
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
