//! Why a command was not carried out, or a query not answered.

use std::error::Error;

use incident_domain::{
    kernel::{Conflict, Record, RecordKind, StoreError},
    write::CommitError,
};
use thiserror::Error;

use super::Forbidden;

/// Why a command was not carried out. `R` is the rules of its context: what is specific to it.
#[derive(Debug, Error)]
pub enum CommandError<R> {
    /// A record does not exist, or the caller may not know of it.
    #[error("there is no such {0}")]
    NotFound(RecordKind),
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller's session or account has ended.
    #[error("the session has ended")]
    CallerGone,
    /// The record is no longer as the client has seen it.
    #[error("the {0} has changed since it was read")]
    PreconditionFailed(RecordKind),
    /// Others kept changing the same faster than the command could be decided.
    #[error("it is changed by too many at once")]
    Contended,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read, which does not happen in ordinary running.
    #[error("the change could not be stored")]
    NotStored(#[source] Conflict),
    /// A rule of the context forbids it.
    #[error(transparent)]
    Rule(R),
}

/// The rules of a context that its commands can break.
pub trait Rule: Error + Sized + 'static {
    /// Returns the stable code under which the audit and clients know the rule; `None` if the command was not refused
    /// but failed.
    fn code(&self) -> Option<&'static str>;

    /// Returns the rule that a conflict with what is stored breaks, if it is one.
    fn broken_by(_conflict: Conflict) -> Option<Self> {
        None
    }
}

/// The rules of commands that have none of their own.
#[derive(Debug, Error)]
pub enum NoRule {}

impl Rule for NoRule {
    fn code(&self) -> Option<&'static str> {
        match *self {}
    }
}

impl<R: Rule> CommandError<R> {
    /// Returns the stable code of a refusal; `None` if the command was not refused but failed.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(_) => Some("not_found"),
            Self::Forbidden(forbidden) => Some(forbidden.code()),
            Self::CallerGone => Some("session_ended"),
            Self::PreconditionFailed(_) => Some("precondition_failed"),
            Self::Contended | Self::Unavailable(_) | Self::NotStored(_) => None,
            Self::Rule(rule) => rule.code(),
        }
    }
}

impl<R: Rule> From<R> for CommandError<R> {
    fn from(rule: R) -> Self {
        Self::Rule(rule)
    }
}

impl<R: Rule> From<Conflict> for CommandError<R> {
    fn from(conflict: Conflict) -> Self {
        R::broken_by(conflict).map_or(Self::NotStored(conflict), Self::Rule)
    }
}

impl<R: Rule> From<CommitError> for CommandError<R> {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(conflict) => conflict.into(),
        }
    }
}

impl<R> From<QueryError> for CommandError<R> {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotFound(kind) => Self::NotFound(kind),
            QueryError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            QueryError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

/// Why a query was not answered.
#[derive(Debug, Error)]
pub enum QueryError {
    /// A record does not exist, or the caller may not know of it.
    #[error("there is no such {0}")]
    NotFound(RecordKind),
    /// The caller may not read this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// Returns the record that was found, or that there is none.
pub(crate) fn existing<R: Record>(found: Option<R>) -> Result<R, QueryError> {
    found.ok_or(QueryError::NotFound(R::KIND))
}
