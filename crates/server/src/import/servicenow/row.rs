//! One row of an event log.

use csv::StringRecord;
use incident_application::work::{People, PersonKey};

use super::{
    super::import_file::Finding,
    columns::{Column, Columns},
    values,
};

/// The maximum number of characters of a value that a finding shows.
const SHOWN_CHARS_MAX: usize = 60;

/// A row, and where its people and findings are collected.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    pub(super) columns: &'r Columns,
    pub(super) record: &'r StringRecord,
    pub(super) people: &'r mut People,
    pub(super) ignored: &'r mut Vec<Finding>,
}

impl<'r> Row<'r> {
    /// Returns the text in a column; `None` if there is no value.
    pub(super) fn text(&self, column: Column) -> Option<&'r str> {
        self.columns.text(self.record, column)
    }

    /// Parses the value in a column. An invalid value counts as missing, and is noted.
    pub(super) fn value<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column)?;
        let value = parse(text);
        if value.is_none() {
            self.note(format!("{} cannot be used: \"{}\"", column.name(), shown(text)));
        }
        value
    }

    /// Returns the person whom a column names.
    pub(super) fn person(&mut self, column: Column) -> Option<PersonKey> {
        let person = self.value(column, values::person)?;
        Some(self.people.key_of(person))
    }

    /// Notes that a value of the row is not used.
    pub(super) fn note(&mut self, reason: String) {
        let incident = self.text(Column::Number).map(shown);
        self.ignored.push(Finding { line: self.line, incident, reason });
    }
}

/// Returns a value as reports show it: on one line, and shortened if it is long.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect()
}
