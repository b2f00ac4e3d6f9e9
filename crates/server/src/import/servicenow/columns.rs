//! The columns of an event log, found by name.

use std::collections::HashMap;

use csv::StringRecord;

use super::broken::BrokenFile;

/// A column that the import uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Number,
    State,
    OpenedAt,
    UpdatedBy,
    UpdatedAt,
    Caller,
    OpenedBy,
    CreatedBy,
    ContactType,
    Location,
    Category,
    Subcategory,
    Symptom,
    ConfigurationItem,
    Impact,
    Urgency,
    Priority,
    AssignmentGroup,
    AssignedTo,
    Problem,
    Rfc,
    Vendor,
    CausedBy,
    CloseCode,
    ResolvedBy,
    ResolvedAt,
}

impl Column {
    /// Without these there is nothing to replay.
    const NEEDED: [Self; 5] = [Self::Number, Self::State, Self::OpenedAt, Self::UpdatedBy, Self::UpdatedAt];

    const OPTIONAL: [Self; 21] = [
        Self::Caller,
        Self::OpenedBy,
        Self::CreatedBy,
        Self::ContactType,
        Self::Location,
        Self::Category,
        Self::Subcategory,
        Self::Symptom,
        Self::ConfigurationItem,
        Self::Impact,
        Self::Urgency,
        Self::Priority,
        Self::AssignmentGroup,
        Self::AssignedTo,
        Self::Problem,
        Self::Rfc,
        Self::Vendor,
        Self::CausedBy,
        Self::CloseCode,
        Self::ResolvedBy,
        Self::ResolvedAt,
    ];

    /// What the header calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::State => "incident_state",
            Self::OpenedAt => "opened_at",
            Self::UpdatedBy => "sys_updated_by",
            Self::UpdatedAt => "sys_updated_at",
            Self::Caller => "caller_id",
            Self::OpenedBy => "opened_by",
            Self::CreatedBy => "sys_created_by",
            Self::ContactType => "contact_type",
            Self::Location => "location",
            Self::Category => "category",
            Self::Subcategory => "subcategory",
            Self::Symptom => "u_symptom",
            Self::ConfigurationItem => "cmdb_ci",
            Self::Impact => "impact",
            Self::Urgency => "urgency",
            Self::Priority => "priority",
            Self::AssignmentGroup => "assignment_group",
            Self::AssignedTo => "assigned_to",
            Self::Problem => "problem_id",
            Self::Rfc => "rfc",
            Self::Vendor => "vendor",
            Self::CausedBy => "caused_by",
            Self::CloseCode => "closed_code",
            Self::ResolvedBy => "resolved_by",
            Self::ResolvedAt => "resolved_at",
        }
    }
}

/// Where the columns of a file stand.
#[derive(Debug)]
pub(super) struct Columns {
    places: HashMap<Column, usize>,
    pub(super) absent: Vec<&'static str>,
    /// Whether the last field of a row is a date; it tells whether a last line is whole.
    pub(super) last_is_date: bool,
}

impl Columns {
    pub(super) fn of(header: &StringRecord) -> Result<Self, BrokenFile> {
        let mut columns = Self { places: HashMap::new(), absent: Vec::new(), last_is_date: false };
        for column in Column::NEEDED.into_iter().chain(Column::OPTIONAL) {
            let name = column.name();
            let mut places = header.iter().enumerate().filter(|(_, field)| field.trim() == name);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => {
                    columns.places.insert(column, place);
                }
                (Some(_), Some(_)) => return Err(BrokenFile::RepeatedColumn { name }),
                (None, _) => columns.absent.push(name),
            }
        }
        let is_absent = |column: &Column| !columns.places.contains_key(column);
        let missing: Vec<&str> = Column::NEEDED.into_iter().filter(is_absent).map(Column::name).collect();
        if !missing.is_empty() {
            return Err(BrokenFile::Header { missing });
        }
        columns.last_is_date = header.iter().next_back().is_some_and(|name| name.trim().ends_with("_at"));
        Ok(columns)
    }

    /// What a row holds in a column; `None` where the log has no value.
    pub(super) fn text<'r>(&self, row: &'r StringRecord, column: Column) -> Option<&'r str> {
        let text = row.get(*self.places.get(&column)?)?.trim();
        (!text.is_empty() && text != "?").then_some(text)
    }
}
