//! The one way to change an incident: each command keeps the rules, writes the timeline, and the whole
//! becomes one value to commit.

use super::{
    EntryDetails, EntryHash, EntryId, Incident, IncidentField, IncidentId, IncidentNumber, IncidentPatch,
    IncidentRecord, NewIncident, Priority, Status, TimelineEnd, TimelineEntry, TimelineKey, TransitionError,
    TransitionRequest,
};
use crate::kernel::{Actor, IdGenerator, Note, Timestamp, UserId, Version};

/// Who changes something, when, and what is needed to write it into the timeline.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The author.
    pub actor: &'a Actor,
    /// The moment.
    pub at: Timestamp,
    /// Where the ids of timeline entries come from.
    pub ids: &'a dyn IdGenerator,
    /// What seals them.
    pub key: &'a TimelineKey,
}

/// The state that a writer has read, and which must still be the stored one when it commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The incident's version.
    pub version: Version,
    /// How many entries its timeline had: a comment lengthens it without a new version.
    pub timeline_length: u32,
}

/// An incident with the changes made to it since it was read, and the timeline entries they left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a revision does nothing until it is committed"]
pub struct Revision {
    /// What it was read as; `None` for an incident that does not exist yet.
    expected: Option<Expected>,
    incident: Incident,
    entries: Vec<TimelineEntry>,
}

impl Incident {
    /// Starts a change of this incident.
    pub fn revise(self) -> Revision {
        Revision::of(self)
    }
}

impl Revision {
    /// Opens a new incident; `stamp.at` is when it was reported.
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

    /// Starts to change a stored incident.
    fn of(incident: Incident) -> Self {
        let expected = Expected { version: incident.version, timeline_length: incident.timeline_length };
        Self { expected: Some(expected), incident, entries: Vec::new() }
    }

    /// Takes a step of the state machine.
    pub fn transition(mut self, request: &TransitionRequest, stamp: &Stamp<'_>) -> Result<Self, TransitionError> {
        let from = self.incident.status;
        let to = request.check(self.incident.id, from)?.to;
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
                incident.acknowledged_at = incident.acknowledged_at.or(Some(stamp.at));
                incident.resolution = None;
            }
            Status::Mitigated => incident.mitigated_at = Some(stamp.at),
            Status::Resolved => {
                incident.resolved_at = Some(stamp.at);
                incident.resolution.clone_from(&request.resolution);
            }
            Status::Closed => incident.closed_at = Some(stamp.at),
            Status::Cancelled => {
                incident.closed_at = Some(stamp.at);
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
        self.touch(stamp.at);
        self.append(details, request.reason.clone(), stamp);

        let acknowledged = from == Status::Open && to == Status::Investigating;
        if acknowledged && self.incident.assigned_to.is_none() && stamp.actor.user().is_some() {
            return Ok(self.assign(stamp.actor.user(), stamp));
        }
        Ok(self)
    }

    /// Changes fields of the incident; each that really changes leaves an entry of its own, with
    /// `reason` as its message.
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
        incident.priority = patch.priority.or_else(|| reassessed(&before, incident)).unwrap_or(before.priority);

        let changes = changed_fields(&before, &self.incident);
        if !changes.is_empty() {
            self.touch(stamp.at);
        }
        for details in changes {
            self.append(details, reason.cloned(), stamp);
        }
        let assignee = patch.assigned_to.applied_to(before.assigned_to.as_ref());
        self.assign_with(assignee, reason, stamp)
    }

    /// Gives the incident to somebody, or to nobody; the same one changes nothing.
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
        self.touch(stamp.at);
        self.append(EntryDetails::Assigned { from, to }, reason.cloned(), stamp);
        self
    }

    /// Adds a remark, which leaves the incident's version as it is.
    pub fn comment(mut self, text: Note, stamp: &Stamp<'_>) -> Self {
        self.append(EntryDetails::Commented, Some(text), stamp);
        self
    }

    /// Notes a record of another system, which leaves the incident's version as it is.
    pub fn note_import(mut self, details: EntryDetails, message: Option<Note>, stamp: &Stamp<'_>) -> Self {
        self.append(details, message, stamp);
        self
    }

    /// Notes what became of a task for it, which leaves the incident's version as it is.
    pub fn note_task(mut self, details: EntryDetails, stamp: &Stamp<'_>) -> Self {
        self.append(details, None, stamp);
        self
    }

    /// The incident as it stands after the changes.
    pub const fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The entries that the changes left.
    pub fn entries(&self) -> &[TimelineEntry] {
        &self.entries
    }

    /// False when nothing needs to be stored.
    pub const fn is_changed(&self) -> bool {
        !self.entries.is_empty()
    }

    /// What the incident was read as, the incident, and the entries to append.
    pub(crate) fn into_parts(self) -> (Option<Expected>, Incident, Vec<TimelineEntry>) {
        (self.expected, self.incident, self.entries)
    }

    /// One revision raises the version by one, however much it changes.
    fn touch(&mut self, at: Timestamp) {
        let incident = &mut self.incident.0;
        incident.updated_at = at;
        if let Some(expected) = self.expected {
            incident.version = expected.version.next();
        }
    }

    fn append(&mut self, details: EntryDetails, message: Option<Note>, stamp: &Stamp<'_>) {
        let incident = &mut self.incident.0;
        // Only what is being opened has no end yet. A stored incident without entries was robbed of them.
        let is_first = self.expected.is_none() && incident.timeline_length == 0;
        let was_whole = is_first || stamp.key.end_of(incident) == TimelineEnd::Sealed;
        let mut entry = TimelineEntry {
            id: EntryId::new(stamp.ids.next_id()),
            incident_id: incident.id,
            sequence: incident.timeline_length + 1,
            actor: stamp.actor.clone(),
            at: stamp.at,
            message,
            details,
            hash: EntryHash::NONE,
        };
        entry.hash = entry.expected_hash(stamp.key, &incident.timeline_hash);
        incident.timeline_length = entry.sequence;
        incident.timeline_hash = entry.hash;
        // What was tampered with is not made whole by what comes after it.
        incident.timeline_seal = if was_whole { stamp.key.seal_of_end(incident) } else { EntryHash::NONE };
        self.entries.push(entry);
    }
}

/// The matrix' priority, if impact or urgency really changed and both are known: a patch that repeats what
/// is stored must not undo a priority that somebody chose.
fn reassessed(before: &IncidentRecord, after: &IncidentRecord) -> Option<Priority> {
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
    // Two different sets of labels may read alike, so they are compared as what they are.
    let relabelled = before.labels != after.labels;
    let pairs = values(before).into_iter().zip(values(after));
    pairs
        .filter(|((field, from), (_, to))| from != to || (*field == IncidentField::Labels && relabelled))
        .map(|((field, from), (_, to))| EntryDetails::FieldChanged { field, from, to })
        .collect()
}
