//! Why a command was not done.

use incident_application::{
    AccountError, AuthError, CategoryError, IncidentError, ReplyError, SavedViewError, TaskError,
};
use incident_domain::ports::{Conflict, UniqueKey};

/// Why it was not.
#[derive(Debug)]
pub(crate) enum Failure {
    Incident(IncidentError),
    Account(AccountError),
    Auth(AuthError),
    Task(TaskError),
    Category(CategoryError),
    SavedView(SavedViewError),
    Reply(ReplyError),
}

impl Failure {
    /// Whether the same request was answered by somebody else.
    pub(crate) const fn is_key_taken(&self) -> bool {
        const TAKEN: Conflict = Conflict::Duplicate(StoredReply::KEY);
        matches!(
            self,
            Self::Incident(IncidentError::NotStored(TAKEN))
                | Self::Account(AccountError::NotStored(TAKEN))
                | Self::Auth(AuthError::NotStored(TAKEN))
                | Self::Task(TaskError::NotStored(TAKEN))
                | Self::Category(CategoryError::NotStored(TAKEN))
                | Self::SavedView(SavedViewError::NotStored(TAKEN))
        )
    }

    /// Whether the store did not answer.
    pub(crate) const fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Unavailable(_))
                | Self::Account(AccountError::Unavailable(_))
                | Self::Auth(AuthError::Unavailable(_))
                | Self::Task(TaskError::Unavailable(_))
                | Self::Category(CategoryError::Unavailable(_))
                | Self::SavedView(SavedViewError::Unavailable(_))
                | Self::Reply(ReplyError::Unavailable(_))
        )
    }

    /// Whether others changed the same faster than it could be decided.
    pub(crate) const fn is_contended(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Contended)
                | Self::Account(AccountError::Contended)
                | Self::Auth(AuthError::Contended)
                | Self::Task(TaskError::Contended)
                | Self::Category(CategoryError::Contended)
                | Self::SavedView(SavedViewError::Contended)
        )
    }

    /// Whether there is no such caller any more.
    pub(crate) const fn is_of_nobody(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::CallerGone)
                | Self::Account(AccountError::NotFound | AccountError::Forbidden(_))
                | Self::Auth(AuthError::SessionEnded)
                | Self::Task(TaskError::CallerGone)
                | Self::Category(CategoryError::CallerGone)
                | Self::SavedView(SavedViewError::CallerGone | SavedViewError::NotFound)
        )
    }

    /// Whether the caller may not do it.
    pub(crate) const fn is_forbidden(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Forbidden(_))
                | Self::Account(AccountError::Forbidden(_))
                | Self::Auth(AuthError::Forbidden(_))
                | Self::Task(TaskError::Forbidden(_))
                | Self::Category(CategoryError::Forbidden(_))
                | Self::SavedView(SavedViewError::Forbidden(_))
        )
    }
}

impl From<IncidentError> for Failure {
    fn from(error: IncidentError) -> Self {
        Self::Incident(error)
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        Self::Task(error)
    }
}

impl From<CategoryError> for Failure {
    fn from(error: CategoryError) -> Self {
        Self::Category(error)
    }
}

impl From<SavedViewError> for Failure {
    fn from(error: SavedViewError) -> Self {
        Self::SavedView(error)
    }
}
