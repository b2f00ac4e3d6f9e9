//! Who calls, and what that allows.

use incident_domain::{Actor, Origin, Role, SessionId, UserId};
use thiserror::Error;

/// Somebody who was recognised, with what they may do now, and where their request came from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub user_id: UserId,
    /// What they may do: their own role, or less if they came with an API token of a lower one.
    pub role: Role,
    /// Where the request came from, for the audit.
    pub origin: Origin,
}

/// The caller may not do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// The role does not suffice.
    #[error("needs the role {needed} or a higher one")]
    Role {
        /// The least role that would do.
        needed: Role,
    },
    /// An API token cannot do it, whatever its role: it concerns the very account that the token acts for. Whoever
    /// has stolen one cannot make others, change the password, or sign its owner out.
    #[error("needs a signed-in session; an API token cannot do this")]
    SessionNeeded,
    /// It is somebody's own account, which another administrator has to change: nobody locks themselves out, and
    /// the last administrator stays one.
    #[error("another administrator has to do this to your own account")]
    OwnAccount,
}

impl Forbidden {
    /// A stable name of the cause, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Role { .. } => "forbidden",
            Self::SessionNeeded => "session_required",
            Self::OwnAccount => "own_account",
        }
    }
}

impl Caller {
    /// Lets callers with this role, or a higher one, pass.
    pub fn require(&self, needed: Role) -> Result<(), Forbidden> {
        if self.role >= needed { Ok(()) } else { Err(Forbidden::Role { needed }) }
    }

    /// Lets everybody pass to what is their own, and administrators to everything.
    pub fn require_own_or_admin(&self, owner: UserId) -> Result<(), Forbidden> {
        if self.user_id == owner { Ok(()) } else { self.require(Role::Admin) }
    }

    /// Lets callers pass who have signed in.
    pub fn require_session(&self) -> Result<SessionId, Forbidden> {
        self.origin.session_id.ok_or(Forbidden::SessionNeeded)
    }

    /// The caller as the author of a change.
    pub const fn actor(&self) -> Actor {
        Actor::User(self.user_id)
    }
}
