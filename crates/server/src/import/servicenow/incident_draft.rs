//! An incident whose rows are being read.

use std::{collections::BTreeMap, sync::Arc};

use incident_application::work::{LoggedFields, LoggedIncident, LoggedUpdate, PersonKey, Standing};
use incident_domain::{
    incidents::{Labels, Priority},
    kernel::{ExternalName, Label, LabelKey, LabelValue, Note, Timestamp, Title},
};

use super::{columns::Column, row::Row, values};

/// Columns without a field of their own become labels with these keys.
const LABELS: [(Column, &str); 9] = [
    (Column::Location, "location"),
    (Column::Subcategory, "subcategory"),
    (Column::Symptom, "symptom"),
    (Column::ContactType, "contact_type"),
    (Column::AssignmentGroup, "assignment_group"),
    (Column::Problem, "problem"),
    (Column::Rfc, "rfc"),
    (Column::Vendor, "vendor"),
    (Column::CausedBy, "caused_by"),
];

/// An incident with the rows that were read so far.
pub(super) struct IncidentDraft {
    incident: LoggedIncident,
    /// Every row of the log repeats who finally resolved the incident, and when.
    resolved_by: Option<PersonKey>,
    resolved_at: Option<Timestamp>,
}

impl IncidentDraft {
    /// Starts with the first row that can be used. The incident is opened with the fields of that row, except its
    /// assignee, who may have been assigned later.
    pub(super) fn start(number: ExternalName, row: &mut Row<'_>, at: Timestamp, fields: &LoggedFields) -> Self {
        let opened_at = row.time_or_note(Column::OpenedAt).unwrap_or_else(|| {
            row.note("opened_at is missing, the time of the first row was taken".to_owned());
            at
        });
        let incident = LoggedIncident {
            title: title(row, &number),
            number,
            description: None,
            opened_at,
            opened_by: row.person(Column::OpenedBy).or_else(|| row.person(Column::CreatedBy)),
            reported_by: row.person(Column::Caller),
            opening: Arc::new(LoggedFields { assigned_to: None, ..fields.clone() }),
            resolution_note: None,
            updates: Vec::new(),
            tasks: Vec::new(),
        };
        Self { incident, resolved_by: None, resolved_at: None }
    }

    /// Returns the fields of the last row.
    pub(super) fn fields(&self) -> &Arc<LoggedFields> {
        self.incident.updates.last().map_or(&self.incident.opening, |update| &update.fields)
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: &mut Row<'_>, standing: Standing, at: Timestamp, fields: LoggedFields) {
        let by = row.person(Column::UpdatedBy);
        if row.text(Column::UpdatedBy).is_none() {
            row.note("sys_updated_by is missing, the update is attributed to servicenow".to_owned());
        }
        self.resolved_by = row.person(Column::ResolvedBy).or(self.resolved_by);
        self.resolved_at = row.time_or_note(Column::ResolvedAt).or(self.resolved_at);
        let close_code = row.value(Column::CloseCode, |code| Note::parse(format!("closed with {code}")).ok());
        if close_code.is_some() {
            self.incident.resolution_note = close_code;
        }
        let known = self.fields();
        let fields = if **known == fields { Arc::clone(known) } else { Arc::new(fields) };
        let update = LoggedUpdate { line: row.line, at, by, resolved_by: None, standing, comment: None, fields };
        self.incident.updates.push(update);
    }

    /// Returns the incident after the last row.
    pub(super) fn finish(mut self) -> LoggedIncident {
        if let Some(resolving) = self.resolving_update() {
            self.incident.updates[resolving].resolved_by = self.resolved_by;
        }
        self.incident
    }

    /// Returns the index of the update that finally resolved the incident: the one at `resolved_at`, otherwise the last
    /// one that ended the work.
    fn resolving_update(&self) -> Option<usize> {
        let updates = &self.incident.updates;
        let is_at_resolved_at =
            |update: &LoggedUpdate| update.standing.is_over() && Some(update.at) == self.resolved_at;
        updates.iter().position(is_at_resolved_at).or_else(|| {
            (0..updates.len()).rev().find(|index| {
                let was_over = index.checked_sub(1).is_some_and(|before| updates[before].standing.is_over());
                updates[*index].standing.is_over() && !was_over
            })
        })
    }
}

/// Returns the fields of a row. If its priority is missing or invalid, the incident keeps its priority.
pub(super) fn fields(row: &mut Row<'_>, known: Option<&LoggedFields>) -> LoggedFields {
    let impact = row.value(Column::Impact, values::impact);
    let urgency = row.value(Column::Urgency, values::urgency);
    let by_matrix = || impact.zip(urgency).map(|(impact, urgency)| Priority::from_matrix(impact, urgency));
    let priority = row.value(Column::Priority, values::priority).or(known.map(|known| known.priority));
    LoggedFields {
        priority: priority.or_else(by_matrix).unwrap_or(Priority::Medium),
        impact,
        urgency,
        service: row.value(Column::ConfigurationItem, |text| Label::parse(text).ok()),
        category: row.value(Column::Category, |text| Label::parse(text).ok()),
        labels: labels(row),
        assigned_to: row.person(Column::AssignedTo),
    }
}

fn labels(row: &mut Row<'_>) -> Labels {
    let label = |(column, key): (Column, &str)| {
        let value = row.value(column, |text| LabelValue::parse(text).ok())?;
        Some((LabelKey::parse(key).ok()?, value))
    };
    let labels: BTreeMap<LabelKey, LabelValue> = LABELS.into_iter().filter_map(label).collect();
    // An incident may have more labels than there are columns.
    Labels::parse(labels).unwrap_or_default()
}

/// Composes a title, since the log has none: `Category 55 / Subcategory 170: Symptom 72`.
fn title(row: &Row<'_>, number: &ExternalName) -> Title {
    let kinds: Vec<&str> =
        [Column::Category, Column::Subcategory].into_iter().filter_map(|column| row.text(column)).collect();
    let symptom = row.text(Column::Symptom);
    let kinds = (!kinds.is_empty()).then(|| kinds.join(" / "));
    let words: Vec<&str> = [kinds.as_deref(), symptom].into_iter().flatten().collect();
    let shortened: String = words.join(": ").chars().take(Title::CHARS_MAX).collect();
    #[expect(clippy::expect_used, reason = "a word and a name of at most 64 characters are a valid title")]
    Title::parse(shortened).unwrap_or_else(|_| Title::parse(format!("Incident {number}")).expect("a valid title"))
}
