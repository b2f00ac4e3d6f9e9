//! What a client has seen and insists on.

use incident_domain::kernel::{Version, Versioned};

use super::CommandError;

/// What a client has seen and insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// One of these versions.
    Versions(Vec<Version>),
}

impl Precondition {
    /// Passes if a record is as the client has seen it.
    pub(crate) fn check<R: Versioned, E>(&self, record: &R) -> Result<(), CommandError<E>> {
        match self {
            Self::Versions(versions) if !versions.contains(&record.version()) => {
                Err(CommandError::PreconditionFailed(R::KIND))
            }
            Self::None | Self::Versions(_) => Ok(()),
        }
    }
}
