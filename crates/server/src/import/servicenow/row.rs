//! One row of an event log, value by value.

use csv::StringRecord;
use incident_application::{People, PersonKey};

use super::{
    super::file::Finding,
    columns::{Column, Columns},
    values,
};

/// How much of a value a finding shows.
const SHOWN_CHARS_MAX: usize = 60;

/// A row, and where to put what is found in it.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    pub(super) columns: &'r Columns,
    pub(super) record: &'r StringRecord,
    pub(super) people: &'r mut People,
    pub(super) ignored: &'r mut Vec<Finding>,
}

impl<'r> Row<'r> {
    /// What the row holds in a column; `None` where the log has no value.
    pub(super) fn text(&self, column: Column) -> Option<&'r str> {
        self.columns.text(self.record, column)
    }

    /// The meaning of a value; one that has none counts as missing, and is noted.
    pub(super) fn value<T>(&mut self, column: Column, meaning: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column)?;
        let value = meaning(text);
        if value.is_none() {
            self.note(format!("{} cannot be used: \"{}\"", column.name(), shown(text)));
        }
        value
    }

    /// Somebody whom the row names.
    pub(super) fn person(&mut self, column: Column) -> Option<PersonKey> {
        let person = self.value(column, values::person)?;
        Some(self.people.key_of(person))
    }

    /// Notes that something of the row is not used.
    pub(super) fn note(&mut self, reason: String) {
        let incident = self.text(Column::Number).map(shown);
        self.ignored.push(Finding { line: self.line, incident, reason });
    }
}

/// A value of the file as a report may show it: in one line, and not all of it if it is long.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect()
}
