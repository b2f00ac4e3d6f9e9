//! Actors.

use super::{ExternalName, UserId};

/// The author of a change or a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in user, or a person known from an import.
    User(UserId),
    /// The platform itself.
    System,
    /// A connected system, by name.
    Integration(ExternalName),
    /// An automated assistant, by name.
    Agent(ExternalName),
    /// An unknown person, such as one who signs in to an account that does not exist.
    Anonymous,
}

impl Actor {
    /// Returns the stable name of the kind: `user`, `system`, `integration`, `agent` or `anonymous`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::System => "system",
            Self::Integration(_) => "integration",
            Self::Agent(_) => "agent",
            Self::Anonymous => "anonymous",
        }
    }

    /// Returns the user's id, or the name of the integration or agent; `None` for the system and for anonymous actors.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::User(id) => Some(id.to_string()),
            Self::System | Self::Anonymous => None,
            Self::Integration(name) | Self::Agent(name) => Some(name.to_string()),
        }
    }

    /// Restores an actor from its [`kind`](Self::kind) and [`reference`](Self::reference), for storage adapters.
    pub fn restore(kind: &str, reference: Option<&str>) -> Option<Self> {
        match (kind, reference) {
            ("user", Some(id)) => id.parse().ok().map(Self::User),
            ("system", None) => Some(Self::System),
            ("anonymous", None) => Some(Self::Anonymous),
            ("integration", Some(name)) => ExternalName::stored(name).ok().map(Self::Integration),
            ("agent", Some(name)) => ExternalName::stored(name).ok().map(Self::Agent),
            _ => None,
        }
    }

    /// Returns the user's id if the actor is a user.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::System | Self::Integration(_) | Self::Agent(_) | Self::Anonymous => None,
        }
    }
}
