//! What can be wrong with a timeline, and with reading it.

use std::io;

use incident_domain::{
    incidents::{ChainFault, IncidentId, IncidentNumber},
    kernel::StoreError,
    write::CommitError,
};
use thiserror::Error;

/// Why timelines cannot be read any further.
#[derive(Debug, Error)]
pub enum TimelineError {
    /// The wanted incident does not exist.
    #[error("there is no such incident")]
    NotFound,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The seal of a timeline was not stored.
    #[error("the seal of incident {id} was not stored")]
    NotSealed {
        /// The incident.
        id: IncidentId,
        /// Why.
        #[source]
        source: CommitError,
    },
    /// What is stored of an incident cannot be read, so it cannot be exported.
    #[error("incident {id} cannot be exported")]
    Unreadable {
        /// The incident.
        id: IncidentId,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// The export cannot be written.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

/// A timeline with a fault.
#[derive(Debug)]
pub struct TimelineFinding {
    /// The incident.
    pub id: IncidentId,
    /// The incident's number, if the incident can be read.
    pub number: Option<IncidentNumber>,
    /// The fault.
    pub fault: TimelineFault,
}

/// What is wrong with a timeline.
#[derive(Debug, Error)]
pub enum TimelineFault {
    /// An entry or the end does not fit the chain.
    #[error(transparent)]
    Chain(ChainFault),
    /// What is stored of the incident cannot be read, and with it the end of its timeline.
    #[error("the incident's record cannot be read")]
    Unreadable(#[source] StoreError),
}

impl TimelineFault {
    /// Returns true if only the seal is missing.
    pub fn is_unsealed(&self) -> bool {
        matches!(self, Self::Chain(ChainFault::Unsealed))
    }
}
