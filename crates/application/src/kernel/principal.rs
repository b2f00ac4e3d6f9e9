//! Who calls a use case, and what that allows. The one place that decides about rights.

use std::collections::BTreeSet;

use incident_domain::kernel::{Actor, ExternalName, Origin, Role, SessionId, UserId};
use thiserror::Error;

/// Who calls a use case: a user, an integration, an agent, or the system itself.
#[derive(Clone, Debug)]
pub struct Principal {
    identity: Identity,
    /// Where the request came from, for the audit.
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    User { id: UserId, role: Role },
    Integration { name: ExternalName, permissions: Permissions },
    Agent { name: ExternalName, permissions: Permissions, on_behalf_of: Option<(UserId, Role)> },
    System,
}

/// What an integration or an agent may do. It may do nothing else.
pub type Permissions = BTreeSet<Permission>;

/// A right that can be given to an integration or an agent. Users have it by their role.
///
/// | permission | allows to | least role of a user |
/// |---|---|---|
/// | `ReadIncidents` | read and search incidents, their timelines and statistics | viewer |
/// | `ReadCatalog` | read services | viewer |
/// | `ReadTasks` | read tasks and categories | viewer |
/// | `ReadEvents` | read the event log, as far as its audience is `members` | viewer |
/// | `OpenIncidents` | open incidents that are assigned to no other user | responder |
/// | `ChangeIncidents` | change fields of incidents, and make the transitions that a responder may make | responder |
/// | `CommentIncidents` | comment on incidents | responder |
/// | `RunMaintenance` | delete what has expired | none: only the system |
///
/// What is not in the table needs a role, and therefore a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table above describes each")]
pub enum Permission {
    ReadIncidents,
    ReadCatalog,
    ReadTasks,
    ReadEvents,
    OpenIncidents,
    ChangeIncidents,
    CommentIncidents,
    RunMaintenance,
}

impl Permission {
    /// Every permission, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::ReadIncidents,
        Self::ReadCatalog,
        Self::ReadTasks,
        Self::ReadEvents,
        Self::OpenIncidents,
        Self::ChangeIncidents,
        Self::CommentIncidents,
        Self::RunMaintenance,
    ];

    /// Returns the least role of users who have it; `None` if no user has it.
    pub const fn least_role(self) -> Option<Role> {
        match self {
            Self::ReadIncidents | Self::ReadCatalog | Self::ReadTasks | Self::ReadEvents => Some(Role::Viewer),
            Self::OpenIncidents | Self::ChangeIncidents | Self::CommentIncidents => Some(Role::Responder),
            Self::RunMaintenance => None,
        }
    }

    /// Returns the stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadIncidents => "read_incidents",
            Self::ReadCatalog => "read_catalog",
            Self::ReadTasks => "read_tasks",
            Self::ReadEvents => "read_events",
            Self::OpenIncidents => "open_incidents",
            Self::ChangeIncidents => "change_incidents",
            Self::CommentIncidents => "comment_incidents",
            Self::RunMaintenance => "run_maintenance",
        }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a use case asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// A user with this role or a higher one.
    Role(Role),
    /// A permission.
    Permission(Permission),
}

impl From<Role> for Right {
    fn from(role: Role) -> Self {
        Self::Role(role)
    }
}

impl From<Permission> for Right {
    fn from(permission: Permission) -> Self {
        Self::Permission(permission)
    }
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
    /// The integration or agent does not have the permission.
    #[error("needs the permission {needed}")]
    Permission {
        /// The permission.
        needed: Permission,
    },
    /// Only users can do it.
    #[error("needs a user; an integration or agent cannot do this")]
    UserNeeded,
    /// Only a session can do it, whatever the role of an API token: it concerns the account that the token acts for.
    /// A stolen token must not suffice to create other tokens, change the password, or end the sessions of its user.
    #[error("needs a signed-in session; an API token cannot do this")]
    SessionNeeded,
    /// It concerns the caller's own account, which another administrator has to change, so that the last administrator
    /// stays one.
    #[error("another administrator has to do this to your own account")]
    OwnAccount,
}

impl Forbidden {
    /// Returns the stable code of the cause.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Role { .. } | Self::Permission { .. } | Self::UserNeeded => "forbidden",
            Self::SessionNeeded => "session_required",
            Self::OwnAccount => "own_account",
        }
    }
}

impl Principal {
    /// Makes a user, who may do what the role allows: their own role, or a lower one for an API token.
    pub const fn user(id: UserId, role: Role, origin: Origin) -> Self {
        Self { identity: Identity::User { id, role }, origin }
    }

    /// Makes an integration, which may do what its permissions name.
    pub const fn integration(name: ExternalName, permissions: Permissions, origin: Origin) -> Self {
        Self { identity: Identity::Integration { name, permissions }, origin }
    }

    /// Makes an agent, which may do what its permissions name; on behalf of a user, only as far as that user may.
    pub const fn agent(
        name: ExternalName,
        permissions: Permissions,
        on_behalf_of: Option<(UserId, Role)>,
        origin: Origin,
    ) -> Self {
        Self { identity: Identity::Agent { name, permissions, on_behalf_of }, origin }
    }

    /// Makes the system, which may do everything.
    pub fn system() -> Self {
        Self { identity: Identity::System, origin: Origin::default() }
    }

    /// Passes if the caller has the right.
    pub fn require(&self, right: impl Into<Right>) -> Result<(), Forbidden> {
        match right.into() {
            Right::Role(needed) => self.require_role(needed),
            Right::Permission(needed) => self.require_permission(needed),
        }
    }

    fn require_role(&self, needed: Role) -> Result<(), Forbidden> {
        match &self.identity {
            Identity::System => Ok(()),
            Identity::User { role, .. } if *role >= needed => Ok(()),
            Identity::User { .. } => Err(Forbidden::Role { needed }),
            Identity::Integration { .. } | Identity::Agent { .. } => Err(Forbidden::UserNeeded),
        }
    }

    fn require_permission(&self, needed: Permission) -> Result<(), Forbidden> {
        let (permissions, role) = match &self.identity {
            Identity::System => return Ok(()),
            Identity::User { role, .. } => (None, Some(*role)),
            Identity::Integration { permissions, .. } => (Some(permissions), None),
            Identity::Agent { permissions, on_behalf_of, .. } => {
                (Some(permissions), on_behalf_of.map(|(_, role)| role))
            }
        };
        match needed.least_role() {
            Some(least) if permissions.is_none_or(|permissions| permissions.contains(&needed)) => match role {
                Some(role) if role < least => Err(Forbidden::Role { needed: least }),
                Some(_) | None => Ok(()),
            },
            Some(_) | None => Err(Forbidden::Permission { needed }),
        }
    }

    /// Passes if the caller is a user, and returns which.
    pub fn require_user(&self) -> Result<UserId, Forbidden> {
        self.user_id().ok_or(Forbidden::UserNeeded)
    }

    /// Passes if the caller is a user with a signed-in session, and returns the session.
    pub fn require_session(&self) -> Result<SessionId, Forbidden> {
        self.require_user()?;
        self.origin.session_id.ok_or(Forbidden::SessionNeeded)
    }

    /// Passes if something is the caller's own, or the caller is an administrator.
    pub fn require_own_or_admin(&self, owner: UserId) -> Result<(), Forbidden> {
        if self.user_id() == Some(owner) { Ok(()) } else { self.require(Role::Admin) }
    }

    /// Returns the user, if the caller is one.
    pub const fn user_id(&self) -> Option<UserId> {
        match self.identity {
            Identity::User { id, .. } => Some(id),
            Identity::Integration { .. } | Identity::Agent { .. } | Identity::System => None,
        }
    }

    /// Returns the user who calls, or on whose behalf an agent calls.
    pub fn person(&self) -> Option<UserId> {
        match &self.identity {
            Identity::User { id, .. } => Some(*id),
            Identity::Agent { on_behalf_of, .. } => on_behalf_of.map(|(id, _)| id),
            Identity::Integration { .. } | Identity::System => None,
        }
    }

    /// Returns the caller as the author of a change.
    pub fn actor(&self) -> Actor {
        match &self.identity {
            Identity::User { id, .. } => Actor::User(*id),
            Identity::Integration { name, .. } => Actor::Integration(name.clone()),
            Identity::Agent { name, .. } => Actor::Agent(name.clone()),
            Identity::System => Actor::System,
        }
    }
}
