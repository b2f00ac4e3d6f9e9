//! Errors of the store that are not conflicts.

use std::error::Error as StdError;

use incident_domain::{kernel::StoreError, write::CommitError};
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use thiserror::Error;

/// Why the store is unavailable, if the database does not say so itself.
#[derive(Debug, Error)]
pub(crate) enum Unavailable {
    #[error("the queue of change sets is full")]
    QueueFull,
    #[error("the store is closed")]
    Closed,
    #[error("the task that commits has failed")]
    LaneFailed,
    #[error("the database does not answer in time")]
    Timeout,
    #[error("the database file was replaced while it was open")]
    FileReplaced,
    #[error("gave up after {attempts} attempts that conflicted with other transactions")]
    Contention { attempts: u32 },
    #[error("the counter of incident numbers is missing or used up")]
    NoNumbers,
}

impl From<Unavailable> for StoreError {
    fn from(cause: Unavailable) -> Self {
        Self::unavailable(cause)
    }
}

impl From<Unavailable> for CommitError {
    fn from(cause: Unavailable) -> Self {
        Self::Unavailable(cause.into())
    }
}

/// Converts the error of a read.
pub(crate) fn read_error(error: DbErr) -> StoreError {
    if is_about_a_value(&error) { StoreError::unreadable(error) } else { StoreError::unavailable(error) }
}

/// Returns true if the database has answered with a value that this program never stores in that column. SQLite accepts
/// any value in any column.
fn is_about_a_value(error: &DbErr) -> bool {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause)) => {
            matches!(**cause, SqlxError::ColumnDecode { .. } | SqlxError::Decode(_))
        }
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => true,
        _ => false,
    }
}

/// A row that holds what this program never writes.
#[derive(Debug, Error)]
#[error("a row of {table} has an impossible {column}")]
pub(crate) struct CorruptRow {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    #[source]
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Converts the error of a row that cannot be read. The caller logs it with the request.
pub(crate) fn corrupt_row(row: CorruptRow) -> StoreError {
    StoreError::unreadable(row)
}
