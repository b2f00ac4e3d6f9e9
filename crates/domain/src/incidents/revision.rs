//! Revisions: the only way to change an incident. Each command enforces the rules and writes the timeline, and the
//! result is one value to commit.

use super::{
    EntryDetails, EntryHash, EntryId, Incident, IncidentField, IncidentId, IncidentNumber, IncidentPatch,
    IncidentRecord, NewIncident, Priority, Status, TimelineEnd, TimelineEntry, TimelineKey, TransitionError,
    TransitionRequest,
};
use crate::kernel::{Actor, IdGenerator, Note, Timestamp, UserId, Version};

/// The author and time of a change, and what its timeline entries need.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The author.
    pub actor: &'a Actor,
    /// The time.
    pub at: Timestamp,
    /// The generator of the entries' ids.
    pub ids: &'a dyn IdGenerator,
    /// The key that seals the entries.
    pub key: &'a TimelineKey,
}

/// The state that was read, which must still be the stored one at the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The version of the incident.
    pub version: Version,
    /// The number of timeline entries: a comment adds one without a new version.
    pub timeline_length: u32,
}

/// An incident with its changes since it was read, and their timeline entries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a revision does nothing until it is committed"]
pub struct Revision {
    /// The state that was read; `None` for a new incident.
    expected: Option<Expected>,
    incident: Incident,
    entries: Vec<TimelineEntry>,
}

impl Incident {
    /// Starts a revision of this incident.
    pub fn revise(self) -> Revision {
        let expected = Expected { version: self.version, timeline_length: self.timeline_length };
        Revision { expected: Some(expected), incident: self, entries: Vec::new() }
    }
}

impl Revision {
    /// Opens a new incident; `stamp.at` is the time of the report.
    pub fn open(
        new: NewIncident,
        id: IncidentId,
        number: IncidentNumber,
        created_at: Timestamp,
        stamp: &Stamp<'_>,
    ) -> Self {
        let record = IncidentRecord {
            id,
            number,
            title: new.title,
            description: new.description,
            status: Status::Open,
            hold_reason: None,
            priority: new.priority,
            impact: new.impact,
            urgency: new.urgency,
            service: new.service,
            category: new.category,
            labels: new.labels,
            reported_by: new.reported_by,
            assigned_to: new.assigned_to,
            resolution: None,
            duplicate_of: None,
            external: new.external,
            opened_at: stamp.at,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: None,
            closed_at: None,
            reopen_count: 0,
            reassignment_count: 0,
            created_at,
            updated_at: stamp.at,
            version: Version::FIRST,
            timeline_length: 0,
            timeline_hash: EntryHash::NONE,
            timeline_seal: EntryHash::NONE,
        };
        let opened = EntryDetails::Opened { title: record.title.clone(), priority: record.priority };
        let assignee = record.assigned_to;
        let mut revision = Self { expected: None, incident: Incident(record), entries: Vec::new() };
        revision.append(opened, None, stamp);
        if assignee.is_some() {
            revision.append(EntryDetails::Assigned { from: None, to: assignee }, None, stamp);
        }
        revision
    }

    /// Changes the status by a transition of the state machine. A user who acknowledges an incident without an assignee
    /// becomes the assignee.
    pub fn transition(mut self, request: &TransitionRequest, stamp: &Stamp<'_>) -> Result<Self, TransitionError> {
        let from = self.incident.status;
        let to = request.check(self.incident.id, from)?.to;
        let at = self.time_of(stamp);
        let incident = &mut self.incident.0;

        incident.status = to;
        incident.hold_reason = request.hold_reason;
        match to {
            Status::Investigating => {
                if matches!(from, Status::Resolved | Status::Closed) {
                    incident.reopen_count += 1;
                    incident.resolved_at = None;
                    incident.closed_at = None;
                }
                if from == Status::Mitigated {
                    incident.mitigated_at = None;
                }
                incident.acknowledged_at = incident.acknowledged_at.or(Some(at));
                incident.resolution = None;
            }
            Status::Mitigated => incident.mitigated_at = Some(at),
            Status::Resolved => {
                incident.resolved_at = Some(at);
                incident.resolution.clone_from(&request.resolution);
            }
            Status::Closed => incident.closed_at = Some(at),
            Status::Cancelled => {
                incident.closed_at = Some(at);
                incident.resolution.clone_from(&request.resolution);
                incident.duplicate_of = request.duplicate_of;
            }
            Status::Open | Status::OnHold => {}
        }
        let details = EntryDetails::StatusChanged {
            from,
            to,
            hold_reason: request.hold_reason,
            resolution: request.resolution.clone(),
            duplicate_of: request.duplicate_of,
        };
        self.touch(stamp);
        self.append(details, request.reason.clone(), stamp);

        let acknowledged = from == Status::Open && to == Status::Investigating;
        if acknowledged && self.incident.assigned_to.is_none() && stamp.actor.user().is_some() {
            return Ok(self.assign(stamp.actor.user(), stamp));
        }
        Ok(self)
    }

    /// Changes fields; each field that differs gets its own entry, with `reason` as its message.
    pub fn amend(mut self, patch: &IncidentPatch, reason: Option<&Note>, stamp: &Stamp<'_>) -> Self {
        let before = self.incident.clone();
        let incident = &mut self.incident.0;
        if let Some(title) = &patch.title {
            incident.title.clone_from(title);
        }
        if let Some(labels) = &patch.labels {
            incident.labels.clone_from(labels);
        }
        incident.description = patch.description.applied_to(before.description.as_ref());
        incident.service = patch.service.applied_to(before.service.as_ref());
        incident.category = patch.category.applied_to(before.category.as_ref());
        incident.impact = patch.impact.applied_to(before.impact.as_ref());
        incident.urgency = patch.urgency.applied_to(before.urgency.as_ref());
        incident.priority = patch.priority.or_else(|| priority_by_matrix(&before, incident)).unwrap_or(before.priority);

        let changes = changed_fields(&before, &self.incident);
        if !changes.is_empty() {
            self.touch(stamp);
        }
        for details in changes {
            self.append(details, reason.cloned(), stamp);
        }
        let assignee = patch.assigned_to.applied_to(before.assigned_to.as_ref());
        self.assign_with(assignee, reason, stamp)
    }

    /// Assigns the incident to a user or to none; the same assignee changes nothing.
    pub fn assign(self, assignee: Option<UserId>, stamp: &Stamp<'_>) -> Self {
        self.assign_with(assignee, None, stamp)
    }

    fn assign_with(mut self, to: Option<UserId>, reason: Option<&Note>, stamp: &Stamp<'_>) -> Self {
        let from = self.incident.assigned_to;
        if from == to {
            return self;
        }
        self.incident.0.assigned_to = to;
        if from.is_some() && to.is_some() {
            self.incident.0.reassignment_count += 1;
        }
        self.touch(stamp);
        self.append(EntryDetails::Assigned { from, to }, reason.cloned(), stamp);
        self
    }

    /// Adds a comment, without raising the version.
    pub fn comment(mut self, text: Note, stamp: &Stamp<'_>) -> Self {
        self.append(EntryDetails::Commented, Some(text), stamp);
        self
    }

    /// Adds an entry about a record of another system, without raising the version.
    pub fn note_import(mut self, details: EntryDetails, message: Option<Note>, stamp: &Stamp<'_>) -> Self {
        self.append(details, message, stamp);
        self
    }

    /// Adds an entry about a task of the incident, without raising the version.
    pub fn note_task(mut self, details: EntryDetails, stamp: &Stamp<'_>) -> Self {
        self.append(details, None, stamp);
        self
    }

    /// Returns the incident after the changes.
    pub const fn incident(&self) -> &Incident {
        &self.incident
    }

    /// Returns the timeline entries of the changes.
    pub fn entries(&self) -> &[TimelineEntry] {
        &self.entries
    }

    /// Returns true if there is something to store.
    pub const fn is_changed(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Returns the state that was read, the incident, and the entries to append.
    pub(crate) fn into_parts(self) -> (Option<Expected>, Incident, Vec<TimelineEntry>) {
        (self.expected, self.incident, self.entries)
    }

    /// Raises the version once per revision, and sets the time of the last change.
    fn touch(&mut self, stamp: &Stamp<'_>) {
        let at = self.time_of(stamp);
        let incident = &mut self.incident.0;
        incident.updated_at = at;
        if let Some(expected) = self.expected {
            incident.version = expected.version.next();
        }
    }

    /// Returns the time of a change: that of the stamp, but never before the last change. The clocks of two replicas
    /// differ, and a clock can be set back.
    fn time_of(&self, stamp: &Stamp<'_>) -> Timestamp {
        let last = self.entries.last().map_or(self.incident.updated_at, |entry| entry.at);
        stamp.at.max(last).max(self.incident.updated_at)
    }

    fn append(&mut self, details: EntryDetails, message: Option<Note>, stamp: &Stamp<'_>) {
        let at = self.time_of(stamp);
        let incident = &mut self.incident.0;
        // Only a new incident has no sealed end. The entries of a stored incident without any were removed.
        let is_first = self.expected.is_none() && incident.timeline_length == 0;
        let was_intact = is_first || stamp.key.end_of(incident) == TimelineEnd::Sealed;
        let mut entry = TimelineEntry {
            id: EntryId::new(stamp.ids.next_id()),
            incident_id: incident.id,
            sequence: incident.timeline_length + 1,
            actor: stamp.actor.clone(),
            at,
            message,
            details,
            hash: EntryHash::NONE,
        };
        entry.hash = entry.expected_hash(stamp.key, &incident.timeline_hash);
        incident.timeline_length = entry.sequence;
        incident.timeline_hash = entry.hash;
        // New entries must not hide earlier tampering, so a broken end stays unsealed.
        incident.timeline_seal = if was_intact { stamp.key.seal_of_end(incident) } else { EntryHash::NONE };
        self.entries.push(entry);
    }
}

/// Returns the priority by the matrix if impact or urgency changed and both are known. A patch that repeats the stored
/// values must not undo a priority that a user chose.
fn priority_by_matrix(before: &IncidentRecord, after: &IncidentRecord) -> Option<Priority> {
    if (before.impact, before.urgency) == (after.impact, after.urgency) {
        return None;
    }
    Some(Priority::from_matrix(after.impact?, after.urgency?))
}

fn changed_fields(before: &Incident, after: &Incident) -> Vec<EntryDetails> {
    fn text<T: ToString>(value: Option<&T>) -> Option<String> {
        value.map(ToString::to_string)
    }
    let labels = |incident: &Incident| (!incident.labels.is_empty()).then(|| incident.labels.to_string());
    let values = |incident: &Incident| {
        [
            (IncidentField::Title, Some(incident.title.to_string())),
            (IncidentField::Description, text(incident.description.as_ref())),
            (IncidentField::Priority, Some(incident.priority.to_string())),
            (IncidentField::Impact, text(incident.impact.as_ref())),
            (IncidentField::Urgency, text(incident.urgency.as_ref())),
            (IncidentField::Service, text(incident.service.as_ref())),
            (IncidentField::Category, text(incident.category.as_ref())),
            (IncidentField::Labels, labels(incident)),
        ]
    };
    // Different sets of labels may have the same text, so the sets are compared.
    let labels_changed = before.labels != after.labels;
    let pairs = values(before).into_iter().zip(values(after));
    pairs
        .filter(|((field, from), (_, to))| from != to || (*field == IncidentField::Labels && labels_changed))
        .map(|((field, from), (_, to))| EntryDetails::FieldChanged { field, from, to })
        .collect()
}
