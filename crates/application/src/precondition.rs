//! What a client has seen and insists on.

use incident_domain::Version;

/// What a client has seen and insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// One of these versions.
    Versions(Vec<Version>),
}

impl Precondition {
    /// Whether what is there is what the client has seen.
    pub(crate) fn holds(&self, current: Version) -> bool {
        match self {
            Self::None => true,
            Self::Versions(versions) => versions.contains(&current),
        }
    }
}
