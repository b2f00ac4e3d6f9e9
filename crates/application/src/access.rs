//! Who calls, and what that allows.

use incident_domain::{Actor, Origin, Role, UserId};
use thiserror::Error;

/// A signed-in user with the role they have now, and where their request came from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// Where the request came from, for the audit.
    pub origin: Origin,
}

/// The caller's role does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("needs the role {needed} or a higher one")]
pub struct Forbidden {
    /// The least role that would do.
    pub needed: Role,
}

impl Caller {
    /// Lets callers with this role, or a higher one, pass.
    pub fn require(&self, needed: Role) -> Result<(), Forbidden> {
        if self.role >= needed { Ok(()) } else { Err(Forbidden { needed }) }
    }

    /// The caller as the author of a change.
    pub const fn actor(&self) -> Actor {
        Actor::User(self.user_id)
    }
}
