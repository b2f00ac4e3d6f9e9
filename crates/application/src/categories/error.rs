//! Why something could not be done with a category.

use incident_domain::ports::{CommitError, Conflict, Reference, StoreError, UniqueKey};
use thiserror::Error;

use crate::{Forbidden, audit::Refusal};

/// Why something could not be done with a category.
#[derive(Debug, Error)]
pub enum CategoryError {
    /// There is no such category.
    #[error("there is no such category")]
    NotFound,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller's account was removed since they were recognised.
    #[error("the caller is no user any more")]
    CallerGone,
    /// There is a category with this name already.
    #[error("there is a category with this name already")]
    NameTaken,
    /// Tasks are of this category.
    #[error("tasks are of this category")]
    InUse,
    /// The category is no longer as the client has seen it.
    #[error("the category has changed since it was read")]
    PreconditionFailed,
    /// Others kept changing the category faster than this change could be made.
    #[error("the category is changed by too many at once")]
    Contended,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the category could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for CategoryError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(Conflict::Duplicate(Category::NAME)) => Self::NameTaken,
            CommitError::Conflict(Conflict::InUse(Category::KIND)) => Self::InUse,
            CommitError::Conflict(Conflict::Missing(User::KIND)) => Self::CallerGone,
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for CategoryError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => "not_found",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::CallerGone => "session_ended",
            Self::NameTaken => "category_name_taken",
            Self::InUse => "category_in_use",
            Self::PreconditionFailed => "precondition_failed",
            Self::Contended | Self::Unavailable(_) | Self::NotStored(_) => return None,
        })
    }
}
