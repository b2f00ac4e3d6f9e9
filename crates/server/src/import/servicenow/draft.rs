//! An incident while its rows are being read.

use std::{collections::BTreeMap, sync::Arc};

use incident_application::{LoggedFields, LoggedIncident, LoggedUpdate, PersonKey, Standing};
use incident_domain::{ExternalName, Label, LabelKey, LabelValue, Labels, Note, Priority, Timestamp, Title};

use super::{columns::Column, row::Row, values};

/// What has no field of its own becomes a label of this name.
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

/// An incident whose rows so far are known.
pub(super) struct Draft {
    incident: LoggedIncident,
    /// The log repeats in every row who resolved the incident in the end, and when.
    resolved_by: Option<PersonKey>,
    resolved_at: Option<Timestamp>,
}

impl Draft {
    /// Begins with the first row that can be used. Its fields are the first that is known of the incident,
    /// but who is assigned in it need not have been when the incident was opened.
    pub(super) fn start(number: ExternalName, row: &mut Row<'_>, at: Timestamp, fields: &LoggedFields) -> Self {
        let opened_at = row.value(Column::OpenedAt, values::time).unwrap_or_else(|| {
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

    /// The fields of the last row, or of the opening.
    pub(super) fn fields(&self) -> &Arc<LoggedFields> {
        self.incident.updates.last().map_or(&self.incident.opening, |update| &update.fields)
    }

    /// Adds a row that can be used.
    pub(super) fn add(&mut self, row: &mut Row<'_>, standing: Standing, at: Timestamp, fields: LoggedFields) {
        let by = row.person(Column::UpdatedBy);
        if row.text(Column::UpdatedBy).is_none() {
            row.note("sys_updated_by is missing, the update is servicenow's own".to_owned());
        }
        self.resolved_by = row.person(Column::ResolvedBy).or(self.resolved_by);
        self.resolved_at = row.value(Column::ResolvedAt, values::time).or(self.resolved_at);
        let close_code = row.value(Column::CloseCode, |code| Note::parse(format!("closed with {code}")).ok());
        if close_code.is_some() {
            self.incident.resolution_note = close_code;
        }
        let known = self.fields();
        let fields = if **known == fields { Arc::clone(known) } else { Arc::new(fields) };
        let update = LoggedUpdate { line: row.line, at, by, resolved_by: None, standing, comment: None, fields };
        self.incident.updates.push(update);
    }

    /// The incident, when all rows are known.
    pub(super) fn finish(mut self) -> LoggedIncident {
        if let Some(resolving) = self.resolving_update() {
            self.incident.updates[resolving].resolved_by = self.resolved_by;
        }
        self.incident
    }

    /// The update in which the incident was resolved in the end: the one at the very time, or else the last
    /// one with which the work was done.
    fn resolving_update(&self) -> Option<usize> {
        let updates = &self.incident.updates;
        let is_done_at_the_time =
            |update: &LoggedUpdate| update.standing.is_over() && Some(update.at) == self.resolved_at;
        updates.iter().position(is_done_at_the_time).or_else(|| {
            (0..updates.len()).rev().find(|index| {
                let was_over = index.checked_sub(1).is_some_and(|before| updates[before].standing.is_over());
                updates[*index].standing.is_over() && !was_over
            })
        })
    }
}

/// The fields of a row. An unusable or missing priority leaves the one that is known.
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
    // There are fewer kinds of them than an incident may carry labels.
    Labels::parse(labels).unwrap_or_default()
}

/// The log has no titles: `Category 55 / Subcategory 170: Symptom 72` is as near as it comes.
fn title(row: &Row<'_>, number: &ExternalName) -> Title {
    let kinds: Vec<&str> =
        [Column::Category, Column::Subcategory].into_iter().filter_map(|column| row.text(column)).collect();
    let symptom = row.text(Column::Symptom);
    let kinds = (!kinds.is_empty()).then(|| kinds.join(" / "));
    let words: Vec<&str> = [kinds.as_deref(), symptom].into_iter().flatten().collect();
    let shortened: String = words.join(": ").chars().take(Title::CHARS_MAX).collect();
    #[expect(clippy::expect_used, reason = "a word and a name of at most 64 characters are a title")]
    Title::parse(shortened).unwrap_or_else(|_| Title::parse(format!("Incident {number}")).expect("a short title"))
}
