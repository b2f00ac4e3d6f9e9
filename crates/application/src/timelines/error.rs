//! What can be wrong, with a timeline and with looking at it.

use std::io;

use incident_domain::{
    ChainFault, IncidentId, IncidentNumber,
    ports::{CommitError, StoreError},
};
use thiserror::Error;

/// Why timelines cannot be looked at any further.
#[derive(Debug, Error)]
pub enum TimelineError {
    /// The incident that was asked for is not there.
    #[error("there is no such incident")]
    NotFound,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The seal of a timeline was not stored.
    #[error("the seal of incident {id} was not stored")]
    NotSealed {
        /// Whose timeline it is.
        id: IncidentId,
        /// Why.
        #[source]
        source: CommitError,
    },
    /// An incident holds what nobody can read, so that it cannot be taken anywhere.
    #[error("incident {id} cannot be exported")]
    Unreadable {
        /// Which one.
        id: IncidentId,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The export cannot be written.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

/// A timeline that is not what it was.
#[derive(Debug)]
pub struct TimelineFinding {
    /// Whose timeline it is.
    pub id: IncidentId,
    /// The incident's number, if the incident can be read.
    pub number: Option<IncidentNumber>,
    /// What is wrong with it.
    pub fault: TimelineFault,
}

/// What is wrong with a timeline.
#[derive(Debug, Error)]
pub enum TimelineFault {
    /// It does not fit.
    #[error(transparent)]
    Chain(ChainFault),
    /// The incident holds what nobody can read, and with it what it knew of its timeline.
    #[error("the incident's record cannot be read")]
    Unreadable(#[source] StoreError),
}

impl TimelineFault {
    /// Whether a seal is all that is missing.
    pub fn is_unsealed(&self) -> bool {
        matches!(self, Self::Chain(ChainFault::Unsealed))
    }
}
