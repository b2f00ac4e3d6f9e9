//! One row of an event log.

use csv::StringRecord;
use incident_application::work::{People, PersonKey, Standing};
use incident_domain::{incidents::HoldReason, kernel::Timestamp};

use super::{
    super::findings::{Finding, Findings},
    columns::{Column, Columns},
    dates::{self, DateOrder, Moment},
    values::{self, State},
};

/// The maximum number of characters of a value that a finding shows.
const SHOWN_CHARS_MAX: usize = 60;

/// A row, and where its people and findings are collected.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    pub(super) columns: &'r Columns,
    pub(super) record: &'r StringRecord,
    pub(super) date_order: DateOrder,
    pub(super) people: &'r mut People,
    pub(super) ignored: &'r mut Findings,
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

    /// Returns the time in a column. That a date has no time of day is noted.
    pub(super) fn time(&mut self, column: Column) -> Option<Timestamp> {
        let moment = dates::parse(self.text(column)?, self.date_order)?;
        Some(self.at(column, moment))
    }

    /// Returns the time in a column. An invalid one counts as missing, and is noted.
    pub(super) fn time_or_note(&mut self, column: Column) -> Option<Timestamp> {
        let order = self.date_order;
        let moment = self.value(column, |text| dates::parse(text, order))?;
        Some(self.at(column, moment))
    }

    fn at(&mut self, column: Column, moment: Moment) -> Timestamp {
        if !moment.has_clock {
            self.note(format!("{} has no time of day, 00:00 was taken", column.name()));
        }
        moment.at
    }

    /// Returns the status of a state. A hold needs a reason; if the row has none, one is taken and noted.
    pub(super) fn standing(&mut self, state: State) -> Standing {
        match state {
            State::Complete(standing) => standing,
            State::OnHold => {
                Standing::OnHold(self.value(Column::HoldReason, values::hold_reason).unwrap_or_else(|| {
                    self.note("hold_reason is missing, awaiting_user was taken".to_owned());
                    HoldReason::AwaitingUser
                }))
            }
        }
    }

    /// Returns the person whom a column names.
    pub(super) fn person(&mut self, column: Column) -> Option<PersonKey> {
        let person = self.value(column, values::person)?;
        Some(self.people.key_of(person))
    }

    /// Notes that a value of the row is not used.
    pub(super) fn note(&mut self, reason: String) {
        let incident = self.text(Column::Number).map(shown);
        self.ignored.add(Finding { line: self.line, incident, reason });
    }
}

/// Returns a value as reports show it: on one line, and shortened if it is long.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect()
}
