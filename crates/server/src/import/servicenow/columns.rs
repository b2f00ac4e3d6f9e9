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
}

impl Column {
    /// A file without one of these columns is refused.
    const REQUIRED: [Self; 5] = [Self::Number, Self::State, Self::OpenedAt, Self::UpdatedBy, Self::UpdatedAt];

    /// Returns the name in the header.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

/// The positions of the columns in the rows of a file.
#[derive(Debug)]
pub(super) struct Columns {
    positions: HashMap<Column, usize>,
    pub(super) absent: Vec<&'static str>,
    /// Whether the last column contains dates. A last date that is complete shows that the file is.
    pub(super) last_is_date: bool,
}

impl Columns {
    pub(super) fn of(header: &StringRecord) -> Result<Self, InvalidFile> {
        let mut columns = Self { positions: HashMap::new(), absent: Vec::new(), last_is_date: false };
        for column in Column::VARIANTS {
            let name = column.name();
            let mut positions = header.iter().enumerate().filter(|(_, field)| field.trim() == name);
            match (positions.next(), positions.next()) {
                (Some((position, _)), None) => {
                    columns.positions.insert(*column, position);
                }
                (Some(_), Some(_)) => return Err(InvalidFile::RepeatedColumn { name }),
                (None, _) => columns.absent.push(name),
            }
        }
        let is_absent = |column: &Column| !columns.positions.contains_key(column);
        let missing: Vec<&str> = Column::REQUIRED.into_iter().filter(is_absent).map(Column::name).collect();
        if !missing.is_empty() {
            return Err(InvalidFile::Header { missing });
        }
        columns.last_is_date = header.iter().next_back().is_some_and(|name| name.trim().ends_with("_at"));
        Ok(columns)
    }

    /// Returns the text of a row in a column; `None` if there is no value.
    pub(super) fn text<'r>(&self, row: &'r StringRecord, column: Column) -> Option<&'r str> {
        let text = row.get(*self.positions.get(&column)?)?.trim();
        (!text.is_empty() && text != "?").then_some(text)
    }
}
