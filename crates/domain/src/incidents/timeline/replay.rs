//! What the entries of a timeline say about the incident's own fields.

use crate::{
    incidents::{
        EntryDetails, HoldReason, IncidentField, IncidentId, IncidentRecord, Resolution, Status, TimelineEntry,
    },
    kernel::{Description, Label, Timestamp, Title, UserId},
};

/// The fields of an incident as far as its entries determine them, built entry by entry in constant memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    /// `None` until an entry of kind `opened`; nothing is determined before.
    opened_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    status: Option<Status>,
    hold_reason: Option<HoldReason>,
    resolution: Option<Resolution>,
    duplicate_of: Option<IncidentId>,
    assigned_to: Option<UserId>,
    acknowledged_at: Option<Timestamp>,
    mitigated_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    reopen_count: u32,
    reassignment_count: u32,
    /// Fields whose value an entry states, at most one value each.
    stated: Vec<(IncidentField, Option<String>)>,
}

impl Replay {
    /// Applies the next entry.
    pub(super) fn add(&mut self, entry: &TimelineEntry) {
        let at = Some(entry.at);
        match &entry.details {
            EntryDetails::Opened { title, priority } => {
                *self = Self { opened_at: at, status: Some(Status::Open), ..Self::default() };
                self.state(IncidentField::Title, Some(title.to_string()));
                self.state(IncidentField::Priority, Some(priority.to_string()));
            }
            EntryDetails::StatusChanged { from, to, hold_reason, resolution, duplicate_of } => {
                self.step(*from, *to, at);
                self.hold_reason = *hold_reason;
                if matches!(to, Status::Resolved | Status::Cancelled) {
                    self.resolution.clone_from(resolution);
                }
                self.duplicate_of = duplicate_of.or(self.duplicate_of);
            }
            EntryDetails::Assigned { from, to } => {
                self.assigned_to = *to;
                self.reassignment_count += u32::from(from.is_some() && to.is_some());
            }
            EntryDetails::FieldChanged { field, to, .. } => self.state(*field, to.clone()),
            EntryDetails::Commented
            | EntryDetails::Imported { .. }
            | EntryDetails::TaskAdded { .. }
            | EntryDetails::TaskChanged { .. }
            | EntryDetails::TaskRemoved { .. } => return,
        }
        self.updated_at = at;
    }

    fn step(&mut self, from: Status, to: Status, at: Option<Timestamp>) {
        self.status = Some(to);
        match to {
            Status::Investigating => {
                if matches!(from, Status::Resolved | Status::Closed) {
                    self.reopen_count += 1;
                    (self.resolved_at, self.closed_at) = (None, None);
                }
                if from == Status::Mitigated {
                    self.mitigated_at = None;
                }
                self.acknowledged_at = self.acknowledged_at.or(at);
                self.resolution = None;
            }
            Status::Mitigated => self.mitigated_at = at,
            Status::Resolved => self.resolved_at = at,
            Status::Closed | Status::Cancelled => self.closed_at = at,
            Status::Open | Status::OnHold => {}
        }
    }

    fn state(&mut self, field: IncidentField, value: Option<String>) {
        self.stated.retain(|(known, _)| *known != field);
        self.stated.push((field, value));
    }

    /// Returns the names of the incident's fields that are not what the entries say.
    pub(super) fn differences(&self, incident: &IncidentRecord) -> Vec<&'static str> {
        if self.opened_at.is_none() {
            return Vec::new();
        }
        // Deleting an incident removes it from its duplicates, without an entry there.
        let same_original = incident.duplicate_of.is_none() || incident.duplicate_of == self.duplicate_of;
        let replayed = [
            ("status", self.status == Some(incident.status)),
            ("hold_reason", self.hold_reason == incident.hold_reason),
            ("resolution", self.resolution == incident.resolution),
            ("duplicate_of", same_original),
            ("assigned_to", self.assigned_to == incident.assigned_to),
            ("opened_at", self.opened_at == Some(incident.opened_at)),
            ("acknowledged_at", self.acknowledged_at == incident.acknowledged_at),
            ("mitigated_at", self.mitigated_at == incident.mitigated_at),
            ("resolved_at", self.resolved_at == incident.resolved_at),
            ("closed_at", self.closed_at == incident.closed_at),
            ("updated_at", self.updated_at == Some(incident.updated_at)),
            ("reopen_count", self.reopen_count == incident.reopen_count),
            // A change may leave several entries, and never none.
            ("version", incident.version.get() <= incident.timeline_length),
            ("reassignment_count", self.reassignment_count == incident.reassignment_count),
        ];
        let stated =
            self.stated.iter().map(|(field, value)| (field.as_str(), states(*field, value.as_deref(), incident)));
        replayed.into_iter().chain(stated).filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
    }
}

/// Returns true if an incident's field has the value that an entry states.
fn states(field: IncidentField, value: Option<&str>, incident: &IncidentRecord) -> bool {
    match field {
        IncidentField::Title => same(value, |text| Title::stored(text), Some(&incident.title)),
        IncidentField::Description => same(value, |text| Description::stored(text), incident.description.as_ref()),
        IncidentField::Priority => same(value, str::parse, Some(&incident.priority)),
        IncidentField::Impact => same(value, str::parse, incident.impact.as_ref()),
        IncidentField::Urgency => same(value, str::parse, incident.urgency.as_ref()),
        IncidentField::Service => same(value, |text| Label::stored(text), incident.service.as_ref()),
        IncidentField::Category => same(value, |text| Label::stored(text), incident.category.as_ref()),
        IncidentField::Labels => value.unwrap_or_default() == incident.labels.to_string(),
    }
}

/// Compares as values, not as texts: parsing may normalize a text that an older release wrote. A text that this release
/// does not accept determines nothing.
fn same<T: PartialEq, E>(text: Option<&str>, parse: impl Fn(&str) -> Result<T, E>, stored: Option<&T>) -> bool {
    match text {
        None => stored.is_none(),
        Some(text) => parse(text).ok().is_none_or(|value| Some(&value) == stored),
    }
}
