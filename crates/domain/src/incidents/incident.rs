//! Incidents.

use std::ops::Deref;

use super::{
    EntryHash, HoldReason, Impact, IncidentId, IncidentNumber, Labels, Priority, Resolution, Status, Transition,
    Urgency,
};
use crate::kernel::{
    Description, ExternalName, Label, Record, RecordId as _, RecordKind, Reference, Timestamp, Title, UniqueKey,
    UniqueValue, UserId, Version, Versioned,
};

/// The origin of an imported incident; unique, so that a second import adds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalReference {
    /// The name of the other system, such as `servicenow`.
    pub source: ExternalName,
    /// The number of the incident there, such as `INC0000045`.
    pub number: ExternalName,
}

/// The data with which an incident is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIncident {
    /// The title.
    pub title: Title,
    /// The description.
    pub description: Option<Description>,
    /// The priority.
    pub priority: Priority,
    /// The impact.
    pub impact: Option<Impact>,
    /// The urgency.
    pub urgency: Option<Urgency>,
    /// The affected service.
    pub service: Option<Label>,
    /// The category.
    pub category: Option<Label>,
    /// The labels.
    pub labels: Labels,
    /// The user who reported it; `None` when it was not reported by a person.
    pub reported_by: Option<UserId>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The origin of an import.
    pub external: Option<ExternalReference>,
}

/// An incident. Its fields can be read; only a [`Revision`](crate::incidents::Revision) changes them, which enforces
/// the rules and writes the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident(pub(crate) IncidentRecord);

/// All fields of an incident, for storage adapters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRecord {
    /// The identifier.
    pub id: IncidentId,
    /// The number shown to people.
    pub number: IncidentNumber,
    /// The title.
    pub title: Title,
    /// The description.
    pub description: Option<Description>,
    /// The status.
    pub status: Status,
    /// The reason for the hold, while it is on hold.
    pub hold_reason: Option<HoldReason>,
    /// The priority.
    pub priority: Priority,
    /// The impact.
    pub impact: Option<Impact>,
    /// The urgency.
    pub urgency: Option<Urgency>,
    /// The affected service.
    pub service: Option<Label>,
    /// The category.
    pub category: Option<Label>,
    /// The labels.
    pub labels: Labels,
    /// The user who reported it; `None` when it was not reported by a person.
    pub reported_by: Option<UserId>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The resolution, while it is resolved, closed or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident that it duplicates, if it was cancelled as a duplicate.
    pub duplicate_of: Option<IncidentId>,
    /// The origin of an import.
    pub external: Option<ExternalReference>,
    /// The time of the report.
    pub opened_at: Timestamp,
    /// The time of the first acknowledgement.
    pub acknowledged_at: Option<Timestamp>,
    /// The time of the mitigation.
    pub mitigated_at: Option<Timestamp>,
    /// The time of the resolution; none after it was reopened.
    pub resolved_at: Option<Timestamp>,
    /// The time of closing or cancelling; none after it was reopened.
    pub closed_at: Option<Timestamp>,
    /// The number of times it was reopened.
    pub reopen_count: u32,
    /// The number of times it passed from one assignee to another.
    pub reassignment_count: u32,
    /// The time at which this system stored it.
    pub created_at: Timestamp,
    /// The time of the last change; comments do not count.
    pub updated_at: Timestamp,
    /// The version; comments do not raise it.
    pub version: Version,
    /// The number of timeline entries.
    pub timeline_length: u32,
    /// The hash of the last timeline entry, which reveals that entries at the end were removed.
    pub timeline_hash: EntryHash,
    /// The seal of the two fields above, without which an attacker could remove entries and adjust both:
    /// [`TimelineKey::seal_of_end`](crate::incidents::TimelineKey::seal_of_end).
    pub timeline_seal: EntryHash,
}

impl Incident {
    /// The unique key: the number.
    pub const NUMBER: UniqueKey = UniqueKey::new("incident number");
    /// The unique key of imported incidents: source and number.
    pub const EXTERNAL_REFERENCE: UniqueKey = UniqueKey::new("external reference");

    /// Restores a stored incident, for storage adapters; it checks nothing.
    pub const fn restore(record: IncidentRecord) -> Self {
        Self(record)
    }

    /// Returns all fields, to be stored.
    pub fn into_record(self) -> IncidentRecord {
        self.0
    }

    /// Returns the transitions that the state machine allows from the current status.
    pub fn allowed_transitions(&self) -> impl Iterator<Item = &'static Transition> {
        Transition::from_status(self.status)
    }
}

impl Deref for Incident {
    type Target = IncidentRecord;

    fn deref(&self) -> &IncidentRecord {
        &self.0
    }
}

impl Record for Incident {
    type Id = IncidentId;
    const KIND: RecordKind = IncidentId::KIND;

    fn id(&self) -> IncidentId {
        self.0.id
    }

    fn references(&self) -> Vec<Reference> {
        let users = [self.reported_by, self.assigned_to].into_iter().flatten().map(Reference::to);
        users.chain(self.duplicate_of.map(Reference::weak)).collect()
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        let number = UniqueValue::new(Self::NUMBER, [self.number.get().to_be_bytes().as_slice()]);
        let external = self.external.as_ref().map(|external| {
            let parts = [external.source.as_str().as_bytes(), external.number.as_str().as_bytes()];
            UniqueValue::new(Self::EXTERNAL_REFERENCE, parts)
        });
        [number].into_iter().chain(external).collect()
    }

    fn without_reference(&self, deleted: &Reference) -> Self {
        let mut incident = self.clone();
        incident.0.duplicate_of = self.duplicate_of.filter(|original| Reference::weak(*original) != *deleted);
        incident
    }
}

impl Versioned for Incident {
    fn version(&self) -> Version {
        self.version
    }
}
