//! The rules of tasks.

use incident_domain::work::TaskTransitionError;
use thiserror::Error;

use crate::kernel::{CommandError, Rule};

/// Why a command on a task was not carried out.
pub type TaskError = CommandError<TaskRule>;

/// A rule of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TaskRule {
    /// The state machine does not allow the transition.
    #[error(transparent)]
    Transition(#[from] TaskTransitionError),
    /// The user to assign does not exist or is inactive.
    #[error("the user to assign does not exist or is inactive")]
    UnknownAssignee,
    /// The incident that the task is for does not exist.
    #[error("the incident that the task is for does not exist")]
    UnknownIncident,
}

impl Rule for TaskRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Transition(_) => "transition_refused",
            Self::UnknownAssignee => "unknown_user",
            Self::UnknownIncident => "unknown_incident",
        })
    }
}
