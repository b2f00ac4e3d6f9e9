//! What the failure of a transaction means.

use std::sync::Arc;

use incident_domain::{
    kernel::{RecordKind, StoreError, UniqueKey},
    write::CommitError,
};
use sea_orm::{DbErr, RuntimeErr, SqlxError, sqlx};

use super::tables::{key_of_columns, key_of_index, kind_of_foreign_key};
use crate::error::Unavailable;

/// Why a transaction was not committed.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The database refused a statement, or is unavailable.
    Database(Arc<DbErr>),
    /// It took too long.
    Timeout,
    /// The file that was written to has lost its name.
    FileReplaced,
    /// A set needs a transaction of its own: a guard failed after another one of the same set had held.
    NeedsOwnTransaction,
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl Failure {
    pub(super) fn meaning(&self) -> WriteFailure {
        match self {
            Self::Database(error) => WriteFailure::of(error),
            Self::Timeout | Self::FileReplaced => WriteFailure::Unavailable,
            Self::NeedsOwnTransaction => WriteFailure::Contention,
        }
    }

    /// Returns the error for a caller to whom this failure means nothing better.
    pub(super) fn to_commit_error(&self) -> CommitError {
        match self {
            Self::Database(error) => CommitError::Unavailable(StoreError::unavailable(Arc::clone(error))),
            Self::FileReplaced => Unavailable::FileReplaced.into(),
            Self::Timeout | Self::NeedsOwnTransaction => Unavailable::Timeout.into(),
        }
    }
}

/// What the failure of a writing statement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteFailure {
    /// A unique key is taken.
    Duplicate(UniqueKey),
    /// A record that is referred to does not exist, or one that is to be deleted is referred to: only the statement
    /// tells which. SQLite does not say what kind of record it is.
    Missing(Option<RecordKind>),
    /// Another transaction interfered; another attempt may succeed.
    Contention,
    /// The database refuses the values, for a reason that no rule of the domain knows.
    Refused,
    /// The database does not work.
    Unavailable,
}

impl WriteFailure {
    pub(super) fn of(error: &DbErr) -> Self {
        let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
            return Self::Unavailable;
        };
        let SqlxError::Database(refusal) = cause.as_ref() else {
            return Self::Unavailable;
        };
        let code = refusal.code().unwrap_or_default();
        match refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            Some(postgres) => Self::of_postgres(&code, postgres.constraint().unwrap_or_default()),
            None => Self::of_sqlite(&code, refusal.message()),
        }
    }

    /// Interprets the codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_postgres(code: &str, constraint: &str) -> Self {
        match code {
            "23505" => key_of_index(constraint).map_or(Self::Refused, Self::Duplicate),
            "23503" => kind_of_foreign_key(constraint).map_or(Self::Refused, |kind| Self::Missing(Some(kind))),
            "40001" | "40P01" => Self::Contention,
            // An exception that a trigger raises.
            "P0001" => Self::Refused,
            _ if code.starts_with("22") || code.starts_with("23") => Self::Refused,
            _ => Self::Unavailable,
        }
    }

    /// Interprets the codes of <https://www.sqlite.org/rescode.html>, whose low byte is the kind.
    fn of_sqlite(code: &str, message: &str) -> Self {
        const PRIMARY_KEY: u32 = 1555;
        const UNIQUE: u32 = 2067;
        const FOREIGN_KEY: u32 = 787;
        const CONSTRAINT: u32 = 19;
        const TOO_BIG: u32 = 18;
        match code.parse().unwrap_or(0_u32) {
            PRIMARY_KEY | UNIQUE => {
                let columns = message.rsplit_once("constraint failed: ").map(|(_, columns)| columns);
                columns.and_then(key_of_columns).map_or(Self::Refused, Self::Duplicate)
            }
            FOREIGN_KEY => Self::Missing(None),
            code if matches!(code & 0xff, CONSTRAINT | TOO_BIG) => Self::Refused,
            _ => Self::Unavailable,
        }
    }
}
