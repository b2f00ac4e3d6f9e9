//! The one place where the application's errors become problems. Each match is exhaustive, so that a new
//! cause of failure cannot be forgotten here.

use incident_application::{AuthError, Forbidden, IncidentError};
use incident_domain::{
    TransitionError,
    ports::{CommitError, Conflict, HealthError, StoreError, TokenError},
};

use super::{Problem, ProblemCode, ProblemItem};

const STORE_AWAY: &str = "the store does not answer; try again";
const BROKEN: &str = "the log of the server knows more under the request id";

impl From<IncidentError> for Problem {
    fn from(error: IncidentError) -> Self {
        match error {
            IncidentError::NotFound => Self::new(ProblemCode::NotFound, "there is no such incident"),
            IncidentError::Forbidden(forbidden) => forbidden.into(),
            IncidentError::Transition(error) => error.into(),
            IncidentError::UnknownAssignee => {
                invalid("/assigned_to", "unknown_user", "there is no active user with this id")
            }
            IncidentError::UnknownOriginal => invalid("/duplicate_of", "unknown_incident", "there is no such incident"),
            IncidentError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the incident again and decide anew")
            }
            IncidentError::Contended => {
                Self::new(ProblemCode::Unavailable, "the incident is changed by too many at once; try again")
            }
            IncidentError::Unavailable(source) => source.into(),
            IncidentError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::WrongCredentials => {
                Self::new(ProblemCode::WrongCredentials, "the email or the password is wrong")
            }
            AuthError::Token(TokenError::Expired) => {
                Self::new(ProblemCode::TokenExpired, "the access token has expired; sign in again")
            }
            AuthError::Token(TokenError::Invalid) => {
                Self::new(ProblemCode::InvalidToken, "the access token is not one of this server")
            }
            AuthError::SessionEnded => Self::new(ProblemCode::SessionEnded, "the session has ended; sign in again"),
            AuthError::Hasher(source) => Self::caused_by(ProblemCode::Internal, BROKEN, source),
            AuthError::Unavailable(source) => source.into(),
            AuthError::NotStored(source) => match source {
                CommitError::Conflict(conflict) => conflict.into(),
                CommitError::Unavailable(source) => source.into(),
            },
        }
    }
}

impl From<TransitionError> for Problem {
    fn from(error: TransitionError) -> Self {
        let detail = error.to_string();
        match error {
            TransitionError::Refused { from, to, allowed } => {
                let allowed = allowed.into_iter().map(incident_domain::Status::as_str).collect();
                Self::transition_refused(detail, from.as_str(), to.as_str(), allowed)
            }
            TransitionError::Missing { field, .. } => invalid(&format!("/{field}"), "required", &detail),
            TransitionError::Unfit { field, .. } => invalid(&format!("/{field}"), "does_not_fit", &detail),
            TransitionError::DuplicateOfItself => invalid("/duplicate_of", "does_not_fit", &detail),
        }
    }
}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        Self::new(ProblemCode::Forbidden, forbidden.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::caused_by(ProblemCode::Unavailable, STORE_AWAY, error)
    }
}

/// A conflict that the application could not resolve is ours to explain.
impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        Self::caused_by(ProblemCode::Internal, BROKEN, conflict)
    }
}

impl From<HealthError> for Problem {
    fn from(error: HealthError) -> Self {
        match error {
            HealthError::Unavailable(source) => source.into(),
            HealthError::Schema { advice } => Self::new(ProblemCode::SchemaMismatch, advice),
        }
    }
}

fn invalid(pointer: &str, code: &str, detail: &str) -> Problem {
    let item = ProblemItem { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.to_owned() };
    Problem::invalid(vec![item])
}
