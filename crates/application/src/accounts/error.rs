//! Why something could not be done with an account.

use incident_domain::ports::{CommitError, Conflict, PasswordHasherError, Reference, StoreError, UniqueKey};
use thiserror::Error;

use crate::{Forbidden, audit::Refusal, new_password::GuessablePassword};

/// Why something could not be done with an account.
#[derive(Debug, Error)]
pub enum AccountError {
    /// There is no such user.
    #[error("there is no such user")]
    NotFound,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody has this address already.
    #[error("there is a user with this email already")]
    EmailTaken,
    /// The password is too easy to guess.
    #[error(transparent)]
    GuessablePassword(#[from] GuessablePassword),
    /// Incidents or tasks name the user, who can be made inactive instead.
    #[error("incidents or tasks name this user; make them inactive instead")]
    InUse,
    /// The user is no longer as the client has seen them.
    #[error("the user has changed since they were read")]
    PreconditionFailed,
    /// Others kept changing the user faster than this change could be made.
    #[error("the user is changed by too many at once")]
    Contended,
    /// The password could not be hashed.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts itself; it does not happen in ordinary running.
    #[error("the user could not be stored")]
    NotStored(#[source] Conflict),
}

impl AccountError {
    /// Whether somebody else was faster, so that it is to be decided anew.
    pub(super) const fn is_stale(&self) -> bool {
        matches!(self, Self::NotStored(Conflict::Stale | Conflict::Missing(User::KIND)))
    }
}

impl From<CommitError> for AccountError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(Conflict::Duplicate(User::EMAIL)) => Self::EmailTaken,
            CommitError::Conflict(Conflict::InUse(User::KIND)) => Self::InUse,
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for AccountError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => "not_found",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::EmailTaken => "email_taken",
            Self::GuessablePassword(_) => "too_guessable",
            Self::InUse => "user_in_use",
            Self::PreconditionFailed => "precondition_failed",
            Self::Contended | Self::Hasher(_) | Self::Unavailable(_) | Self::NotStored(_) => return None,
        })
    }
}
