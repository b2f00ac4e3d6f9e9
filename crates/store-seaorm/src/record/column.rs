//! Reads the columns of a row. Writing a row cannot fail; reading one can, when another program has written the table.

use std::{error::Error, str::FromStr};

use sea_orm::EntityName;
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

/// Converts the values of a table's columns, and names the table and column of one that cannot be converted.
pub(crate) struct ColumnReader(&'static str);

impl ColumnReader {
    /// Reads rows of this table.
    pub(crate) fn of<E: EntityName>() -> Self {
        Self(E::default().table_name())
    }

    /// Takes the outcome of a conversion.
    pub(crate) fn parsed<T, E>(&self, column: &'static str, parsed: Result<T, E>) -> Result<T, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        parsed.map_err(|error| CorruptRow { table: self.0, column, source: Some(Box::new(error)) })
    }

    /// Takes the outcome of a conversion that does not say why it fails.
    pub(crate) fn known<T>(&self, column: &'static str, value: Option<T>) -> Result<T, CorruptRow> {
        value.ok_or(CorruptRow { table: self.0, column, source: None })
    }

    /// Converts a number, such as a count.
    pub(crate) fn number<T>(&self, column: &'static str, number: i64) -> Result<T, CorruptRow>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.parsed(column, T::try_from(number))
    }

    /// Converts one name of a closed set.
    pub(crate) fn name<T>(&self, column: &'static str, name: &str) -> Result<T, CorruptRow>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.parsed(column, name.parse())
    }

    /// Converts one name of a closed set, if the column holds one.
    pub(crate) fn optional_name<T>(&self, column: &'static str, name: Option<&str>) -> Result<Option<T>, CorruptRow>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        name.map(|name| self.name(column, name)).transpose()
    }

    /// Converts a value, if the column holds one.
    pub(crate) fn optional<T, U, E>(
        &self,
        column: &'static str,
        value: Option<T>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Option<U>, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        self.parsed(column, value.map(parse).transpose())
    }
}
