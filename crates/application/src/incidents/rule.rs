//! The rules of incidents.

use incident_domain::incidents::{LabelsError, TransitionError};
use thiserror::Error;

use crate::kernel::{CommandError, Rule};

/// Why a command on an incident was not carried out.
pub type IncidentError = CommandError<IncidentRule>;

/// A rule of incidents.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IncidentRule {
    /// The state machine does not allow the transition.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The user to assign does not exist or is inactive.
    #[error("the user to assign does not exist or is inactive")]
    UnknownAssignee,
    /// The incident would have more labels than it may have.
    #[error("labels {0}")]
    TooManyLabels(#[from] LabelsError),
    /// The incident that this one is said to repeat does not exist.
    #[error("the incident that this one is said to repeat does not exist")]
    UnknownOriginal,
}

impl Rule for IncidentRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Transition(TransitionError::Refused { .. }) => "transition_refused",
            Self::Transition(TransitionError::Missing { .. }) => "required",
            Self::Transition(TransitionError::Unfit { .. } | TransitionError::DuplicateOfItself) => "does_not_fit",
            Self::UnknownAssignee => "unknown_user",
            Self::TooManyLabels(_) => "too_many",
            Self::UnknownOriginal => "unknown_incident",
        })
    }
}
