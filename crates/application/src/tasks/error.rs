//! Why something could not be done with a task.

use incident_domain::{
    TaskTransitionError,
    ports::{CommitError, Conflict, StoreError},
};
use thiserror::Error;

use crate::{Forbidden, audit::Refusal};

/// Why something could not be done with a task.
#[derive(Debug, Error)]
pub enum TaskError {
    /// There is no such task.
    #[error("there is no such task")]
    NotFound,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller's account was removed since they were recognised.
    #[error("the caller is no user any more")]
    CallerGone,
    /// The state machine says no.
    #[error(transparent)]
    Transition(#[from] TaskTransitionError),
    /// The user to assign does not exist or is inactive.
    #[error("the user to assign does not exist or is inactive")]
    UnknownAssignee,
    /// There is no such incident for the task.
    #[error("the incident that the task is for does not exist")]
    UnknownIncident,
    /// The task is no longer the one that the client has seen.
    #[error("the task has changed since it was read")]
    PreconditionFailed,
    /// Others kept changing the task, or its incident, faster than this change could be made.
    #[error("the task is changed by too many at once")]
    Contended,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the change could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for TaskError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for TaskError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => "not_found",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::CallerGone => "session_ended",
            Self::Transition(_) => "transition_refused",
            Self::UnknownAssignee => "unknown_user",
            Self::UnknownIncident => "unknown_incident",
            Self::PreconditionFailed => "precondition_failed",
            Self::Contended | Self::Unavailable(_) | Self::NotStored(_) => return None,
        })
    }
}
