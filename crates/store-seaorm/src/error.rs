//! What the database's errors mean, in one place.

use std::sync::Arc;

use incident_domain::ports::{CommitError, Reference, StoreError, UniqueKey};
use sea_orm::{DbErr, RuntimeErr, SqlxError, sqlx};
use thiserror::Error;

use crate::row::CorruptRow;

/// Why a store is away, when it is not the database that says so.
#[derive(Debug, Error)]
pub(crate) enum Away {
    #[error("the queue of commits is full")]
    QueueFull,
    #[error("the store is closed")]
    Closed,
    #[error("the commit's lane broke down")]
    LaneDied,
    #[error("the database does not answer in time")]
    Timeout,
    #[error("gave up after {attempts} attempts that other transactions got in the way of")]
    Contention { attempts: u32 },
    #[error("the counter of incident numbers is missing or used up")]
    NoNumbers,
}

impl From<Away> for CommitError {
    fn from(away: Away) -> Self {
        Self::Unavailable(StoreError::unavailable(away))
    }
}

/// The error of a read.
pub(crate) fn read_error(error: DbErr) -> StoreError {
    if is_about_a_value(&error) { StoreError::unreadable(error) } else { StoreError::unavailable(error) }
}

/// Whether the database answered, with a value that its column never gets from us. SQLite puts anything anywhere.
fn is_about_a_value(error: &DbErr) -> bool {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause)) => {
            matches!(**cause, SqlxError::ColumnDecode { .. } | SqlxError::Decode(_))
        }
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => true,
        _ => false,
    }
}

/// The error of a row that cannot be understood. It is logged with the request that met it.
pub(crate) fn corrupt_row(row: CorruptRow) -> StoreError {
    StoreError::unreadable(row)
}

/// The same failure for each of the callers that it hit.
pub(crate) fn shared_failure(error: &Arc<DbErr>) -> CommitError {
    CommitError::Unavailable(StoreError::unavailable(Arc::clone(error)))
}

/// What the failure of a writing statement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteFailure {
    /// A unique key is taken.
    Duplicate(UniqueKey),
    /// Something that is referred to is not there, or something that is to be deleted is referred to: the
    /// databases tell these two by the statement only. SQLite, and only SQLite, does not say what it is.
    Missing(Option<Reference>),
    /// Another transaction got in the way; trying again may help.
    Contention,
    /// The database refuses the values, for a reason that no rule of the domain knows.
    Refused,
    /// The database does not work.
    Away,
}

impl WriteFailure {
    pub(crate) fn of(error: &DbErr) -> Self {
        let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
            return Self::Away;
        };
        let SqlxError::Database(refusal) = cause.as_ref() else {
            return Self::Away;
        };
        let code = refusal.code().unwrap_or_default();
        match refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            Some(postgres) => Self::of_postgres(&code, postgres.constraint().unwrap_or_default()),
            None => Self::of_sqlite(&code, refusal.message()),
        }
    }

    /// By the codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_postgres(code: &str, constraint: &str) -> Self {
        match code {
            "23505" => unique_index(constraint).map_or(Self::Refused, Self::Duplicate),
            "23503" => foreign_key(constraint).map_or(Self::Refused, |reference| Self::Missing(Some(reference))),
            "40001" | "40P01" => Self::Contention,
            // A trigger that somebody has put there says no.
            "P0001" => Self::Refused,
            _ if code.starts_with("22") || code.starts_with("23") => Self::Refused,
            _ => Self::Away,
        }
    }

    /// By the codes of <https://www.sqlite.org/rescode.html>, whose low byte is the kind.
    fn of_sqlite(code: &str, message: &str) -> Self {
        const PRIMARY_KEY: u32 = 1555;
        const UNIQUE: u32 = 2067;
        const FOREIGN_KEY: u32 = 787;
        const CONSTRAINT: u32 = 19;
        const TOO_BIG: u32 = 18;
        match code.parse().unwrap_or(0_u32) {
            PRIMARY_KEY | UNIQUE => unique_columns(message).map_or(Self::Refused, Self::Duplicate),
            FOREIGN_KEY => Self::Missing(None),
            code if matches!(code & 0xff, CONSTRAINT | TOO_BIG) => Self::Refused,
            _ => Self::Away,
        }
    }
}

/// The key that a PostgreSQL index keeps unique.
fn unique_index(name: &str) -> Option<UniqueKey> {
    match name {
        "users_email_key" => Some(User::EMAIL),
        "incidents_number" => Some(Incident::NUMBER),
        "incidents_external" => Some(Incident::EXTERNAL_REFERENCE),
        "timeline_entries_sequence" => Some(TimelineEntry::SEQUENCE),
        "events_id" => Some(UniqueKey::ID),
        "refresh_tokens_token_hash" | "api_tokens_token_hash" => Some(ApiToken::TOKEN_HASH),
        "categories_name_key" => Some(Category::NAME),
        "saved_views_name" => Some(SavedView::NAME),
        "idempotent_replies_pkey" => Some(StoredReply::KEY),
        _ if name.ends_with("_pkey") => Some(UniqueKey::ID),
        _ => None,
    }
}

/// The key whose columns SQLite names: `UNIQUE constraint failed: users.email_key`.
fn unique_columns(message: &str) -> Option<UniqueKey> {
    let (_, columns) = message.rsplit_once("constraint failed: ")?;
    match columns {
        "users.email_key" => Some(User::EMAIL),
        "incidents.number" => Some(Incident::NUMBER),
        "incidents.external_source, incidents.external_number" => Some(Incident::EXTERNAL_REFERENCE),
        "timeline_entries.incident_id, timeline_entries.sequence" => Some(TimelineEntry::SEQUENCE),
        "refresh_tokens.token_hash" | "api_tokens.token_hash" => Some(ApiToken::TOKEN_HASH),
        "categories.name_key" => Some(Category::NAME),
        "saved_views.user_id, saved_views.name" => Some(SavedView::NAME),
        "idempotent_replies.user_id, idempotent_replies.idempotency_key" => Some(StoredReply::KEY),
        one => matches!(one.split_once('.'), Some((_, "id"))).then_some(UniqueKey::ID),
    }
}

/// What a PostgreSQL foreign key refers to.
fn foreign_key(name: &str) -> Option<Reference> {
    match name {
        "sessions_user_id_fkey"
        | "api_tokens_user_id_fkey"
        | "idempotent_replies_user_id_fkey"
        | "incidents_reported_by_fkey"
        | "incidents_assigned_to_fkey"
        | "saved_views_user_id_fkey"
        | "tasks_assigned_to_fkey"
        | "tasks_created_by_fkey" => Some(User::KIND),
        "refresh_tokens_session_id_fkey" => Some(Session::KIND),
        "refresh_tokens_predecessor_id_fkey" => Some(RefreshToken::KIND),
        "incidents_duplicate_of_fkey"
        | "search_texts_incident_id_fkey"
        | "tasks_incident_id_fkey"
        | "timeline_entries_incident_id_fkey" => Some(Incident::KIND),
        "tasks_category_id_fkey" => Some(Category::KIND),
        _ => None,
    }
}
