//! Why something could not be done with an incident.

use incident_domain::{
    LabelsError, TransitionError,
    ports::{CommitError, Conflict, StoreError},
};
use thiserror::Error;

use crate::{Forbidden, audit::Refusal};

/// Why something could not be done with an incident.
#[derive(Debug, Error)]
pub enum IncidentError {
    /// There is no such incident.
    #[error("there is no such incident")]
    NotFound,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller's account was removed since they were recognised.
    #[error("the caller is no user any more")]
    CallerGone,
    /// The state machine says no.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The user to assign does not exist or is inactive.
    #[error("the user to assign does not exist or is inactive")]
    UnknownAssignee,
    /// It would have more labels than an incident may carry.
    #[error("labels {0}")]
    TooManyLabels(#[from] LabelsError),
    /// The incident that this one is said to repeat does not exist.
    #[error("the incident that this one is said to repeat does not exist")]
    UnknownOriginal,
    /// The incident is no longer the one that the client has seen.
    #[error("the incident has changed since it was read")]
    PreconditionFailed,
    /// Others kept changing the incident faster than this change could be made.
    #[error("the incident is changed by too many at once")]
    Contended,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the change could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for IncidentError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for IncidentError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => "not_found",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::CallerGone => "session_ended",
            Self::Transition(TransitionError::Refused { .. }) => "transition_refused",
            Self::Transition(TransitionError::Missing { .. }) => "required",
            Self::Transition(TransitionError::Unfit { .. } | TransitionError::DuplicateOfItself) => "does_not_fit",
            Self::UnknownAssignee => "unknown_user",
            Self::TooManyLabels(_) => "too_many",
            Self::UnknownOriginal => "unknown_incident",
            Self::PreconditionFailed => "precondition_failed",
            Self::Contended | Self::Unavailable(_) | Self::NotStored(_) => return None,
        })
    }
}
