//! Who did something.

use super::{ExternalName, UserId};

/// The author of a change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A signed-in person, or somebody known from an import.
    User(UserId),
    /// The platform itself.
    System,
    /// A connected system, by its name.
    Integration(ExternalName),
    /// An automated assistant, by its name.
    Agent(ExternalName),
    /// Nobody whom the platform knows: who tries to sign in to an account that does not exist.
    Anonymous,
}

impl Actor {
    /// The kind's stable name: `user`, `system`, `integration`, `agent` or `anonymous`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::System => "system",
            Self::Integration(_) => "integration",
            Self::Agent(_) => "agent",
            Self::Anonymous => "anonymous",
        }
    }

    /// The user's id, or the name of the integration or agent; `None` for the system and for nobody known.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::User(id) => Some(id.to_string()),
            Self::System | Self::Anonymous => None,
            Self::Integration(name) | Self::Agent(name) => Some(name.to_string()),
        }
    }

    /// The inverse of [`kind`](Self::kind) and [`reference`](Self::reference), for storage adapters.
    pub fn restore(kind: &str, reference: Option<&str>) -> Option<Self> {
        match (kind, reference) {
            ("user", Some(id)) => id.parse().ok().map(Self::User),
            ("system", None) => Some(Self::System),
            ("anonymous", None) => Some(Self::Anonymous),
            ("integration", Some(name)) => ExternalName::parse(name).ok().map(Self::Integration),
            ("agent", Some(name)) => ExternalName::parse(name).ok().map(Self::Agent),
            _ => None,
        }
    }

    /// The user, if it is one.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::System | Self::Integration(_) | Self::Agent(_) | Self::Anonymous => None,
        }
    }
}
