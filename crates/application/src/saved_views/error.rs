//! Why something could not be done with a saved view.

use incident_domain::{
    SavedView,
    ports::{CommitError, Conflict, Reference, StoreError, UniqueKey},
};
use thiserror::Error;

use crate::{Forbidden, audit::Refusal};

/// Why something could not be done with a saved view.
#[derive(Debug, Error)]
pub enum SavedViewError {
    /// The caller has no such view.
    #[error("there is no such view of yours")]
    NotFound,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller's account was removed since they were recognised.
    #[error("the caller is no user any more")]
    CallerGone,
    /// The caller has a view with this name already.
    #[error("there is a view of yours with this name already")]
    NameTaken,
    /// The caller has as many views as there can be.
    #[error("nobody may have more than {} views", SavedView::PER_USER_MAX)]
    TooMany,
    /// The view is no longer as the client has seen it.
    #[error("the view has changed since it was read")]
    PreconditionFailed,
    /// Others kept changing the view faster than this change could be made.
    #[error("the view is changed by too many at once")]
    Contended,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the view could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for SavedViewError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(Conflict::Duplicate(SavedView::NAME)) => Self::NameTaken,
            CommitError::Conflict(Conflict::Missing(User::KIND)) => Self::CallerGone,
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for SavedViewError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => "not_found",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::CallerGone => "session_ended",
            Self::NameTaken => "view_name_taken",
            Self::TooMany => "too_many_views",
            Self::PreconditionFailed => "precondition_failed",
            Self::Contended | Self::Unavailable(_) | Self::NotStored(_) => return None,
        })
    }
}
