//! The rows of each table, private to this adapter, and how they become what the domain speaks of.
//! Writing a row cannot fail; reading one can, when something else has written the table.

pub(crate) mod action;
pub(crate) mod api_token;
pub(crate) mod category;
pub(crate) mod event;
pub(crate) mod idempotent_reply;
pub(crate) mod incident;
pub(crate) mod refresh_token;
pub(crate) mod saved_view;
pub(crate) mod search_text;
pub(crate) mod session;
pub(crate) mod task;
pub(crate) mod timeline_entry;
pub(crate) mod user;

use std::{error::Error, str::FromStr};

use incident_domain::TokenHash;
use thiserror::Error;

/// A row that holds what this program never writes.
#[derive(Debug, Error)]
#[error("a row of {table} has an impossible {column}")]
pub(crate) struct CorruptRow {
    table: &'static str,
    column: &'static str,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Names the table in which something is wrong.
pub(crate) struct Reading(pub(crate) &'static str);

impl Reading {
    /// Reads a column by any conversion.
    fn column<T, E>(&self, column: &'static str, read: Result<T, E>) -> Result<T, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        read.map_err(|error| CorruptRow { table: self.0, column, source: Some(Box::new(error)) })
    }

    /// Reads a column by a conversion that does not say why it fails.
    fn known<T>(&self, column: &'static str, read: Option<T>) -> Result<T, CorruptRow> {
        read.ok_or(CorruptRow { table: self.0, column, source: None })
    }

    /// Reads a column that counts something.
    pub(crate) fn count(&self, column: &'static str, count: i64) -> Result<u32, CorruptRow> {
        self.column(column, u32::try_from(count))
    }

    /// Reads a column that holds one of a closed set of names.
    pub(crate) fn name<T>(&self, column: &'static str, name: &str) -> Result<T, CorruptRow>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        self.column(column, name.parse())
    }

    /// Reads a column that holds one of a closed set of names, or nothing.
    fn optional_name<T>(&self, column: &'static str, name: Option<&str>) -> Result<Option<T>, CorruptRow>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        name.map(|name| self.name(column, name)).transpose()
    }

    /// Reads a column that holds what is stored of a secret.
    fn token_hash(&self, column: &'static str, bytes: &[u8]) -> Result<TokenHash, CorruptRow> {
        self.column(column, <[u8; 32]>::try_from(bytes)).map(TokenHash::new)
    }

    /// Reads a column by any conversion, or nothing.
    pub(crate) fn optional<T, U, E>(
        &self,
        column: &'static str,
        value: Option<T>,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Option<U>, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        self.column(column, value.map(read).transpose())
    }
}
