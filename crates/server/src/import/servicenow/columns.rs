//! The columns of an event log, found by their names.

use std::collections::HashMap;

use csv::StringRecord;
use strum::{IntoStaticStr, VariantArray};

use super::invalid_file::InvalidFile;

/// A column that the import uses, with its name in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Column {
    Number,
    #[strum(serialize = "incident_state")]
    State,
    OpenedAt,
    #[strum(serialize = "sys_updated_by")]
    UpdatedBy,
    #[strum(serialize = "sys_updated_at")]
    UpdatedAt,
    #[strum(serialize = "caller_id")]
    Caller,
    OpenedBy,
    #[strum(serialize = "sys_created_by")]
    CreatedBy,
    ContactType,
    Location,
    Category,
    Subcategory,
    #[strum(serialize = "u_symptom")]
    Symptom,
    #[strum(serialize = "cmdb_ci")]
    ConfigurationItem,
    Impact,
    Urgency,
    Priority,
    AssignmentGroup,
    AssignedTo,
    #[strum(serialize = "problem_id")]
    Problem,
    Rfc,
    Vendor,
    CausedBy,
    #[strum(serialize = "closed_code")]
    CloseCode,
    ResolvedBy,
    ResolvedAt,
    HoldReason,
}

impl Column {
    /// Columns that only newer exports have; a file without them lacks nothing.
    const OPTIONAL: [Self; 1] = [Self::HoldReason];

    /// A file without one of these columns is refused.
    const REQUIRED: [Self; 5] = [Self::Number, Self::State, Self::OpenedAt, Self::UpdatedBy, Self::UpdatedAt];

    /// Returns the name in the header.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the name of the field in ServiceNow's own table, if the event log calls it otherwise.
    const fn table_name(self) -> Option<&'static str> {
        match self {
            Self::State => Some("state"),
            Self::UpdatedAt => Some("sys_updated_on"),
            Self::CloseCode => Some("close_code"),
            _ => None,
        }
    }

    /// Returns the number of known columns in a header.
    pub(super) fn known_in(header: &StringRecord) -> usize {
        let is_known = |column: &&Self| header.iter().any(|field| names(field, column.name()));
        Self::VARIANTS.iter().filter(is_known).count()
    }
}

/// Returns true if a field of the header names a column.
fn names(field: &str, name: &str) -> bool {
    field.trim().eq_ignore_ascii_case(name)
}

/// Returns true if a field has no value.
pub(super) fn is_missing(text: &str) -> bool {
    text.is_empty() || text == "?"
}

/// The positions of the columns in the rows of a file.
#[derive(Debug, Default)]
pub(super) struct Columns {
    positions: HashMap<Column, usize>,
    pub(super) absent: Vec<&'static str>,
    /// The positions of columns that contain dates, also of those that are not used otherwise.
    pub(super) dates: Vec<usize>,
    /// Whether the last column contains dates. A last date that is complete shows that the file is.
    pub(super) last_is_date: bool,
}

impl Columns {
    pub(super) fn of(header: &StringRecord) -> Result<Self, InvalidFile> {
        let mut columns = Self::default();
        for column in Column::VARIANTS {
            let has = |name: &str| header.iter().any(|field| names(field, name));
            let name = column.name();
            let name = column.table_name().filter(|table_name| !has(name) && has(table_name)).unwrap_or(name);
            let mut positions = header.iter().enumerate().filter(|(_, field)| names(field, name));
            match (positions.next(), positions.next()) {
                (Some((position, _)), None) => {
                    columns.positions.insert(*column, position);
                }
                (Some(_), Some(_)) => return Err(InvalidFile::RepeatedColumn { name }),
                (None, _) if Column::OPTIONAL.contains(column) => {}
                (None, _) => columns.absent.push(name),
            }
        }
        let is_absent = |column: &Column| !columns.positions.contains_key(column);
        let missing: Vec<&str> = Column::REQUIRED.into_iter().filter(is_absent).map(Column::name).collect();
        if !missing.is_empty() {
            return Err(InvalidFile::Header { missing });
        }
        let is_date = |name: &str| [Some("at"), Some("on")].contains(&name.trim().rsplit_once('_').map(|(_, end)| end));
        columns.dates = (0..header.len()).filter(|position| header.get(*position).is_some_and(is_date)).collect();
        columns.last_is_date = header.iter().next_back().is_some_and(is_date);
        Ok(columns)
    }

    /// Returns the text of a row in a column; `None` if there is no value.
    pub(super) fn text<'r>(&self, row: &'r StringRecord, column: Column) -> Option<&'r str> {
        let text = row.get(*self.positions.get(&column)?)?.trim();
        (!is_missing(text)).then_some(text)
    }
}
