//! What an incident consists of.

use super::{
    EntryHash, HoldReason, Impact, IncidentId, IncidentNumber, Labels, Priority, Resolution, Status, Transition,
    Urgency,
};
use crate::kernel::{
    Description, ExternalName, Label, Record, RecordId as _, RecordKind, Reference, Timestamp, Title, UniqueKey,
    UniqueValue, UserId, Version, Versioned,
};
use std::ops::Deref;

/// Where an imported incident came from; unique, so that a second import adds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalReference {
    /// The other system, such as `servicenow`.
    pub source: ExternalName,
    /// The incident's number there, such as `INC0000045`.
    pub number: ExternalName,
}

/// What is known when an incident is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIncident {
    /// What it is about.
    pub title: Title,
    /// What is known so far.
    pub description: Option<Description>,
    /// How important it is.
    pub priority: Priority,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How soon it hurts.
    pub urgency: Option<Urgency>,
    /// What is affected.
    pub service: Option<Label>,
    /// What kind of trouble it is.
    pub category: Option<Label>,
    /// Key and value pairs of the team's own.
    pub labels: Labels,
    /// Who reported it; `None` when no person did.
    pub reported_by: Option<UserId>,
    /// Who is to work on it.
    pub assigned_to: Option<UserId>,
    /// Where it was imported from.
    pub external: Option<ExternalReference>,
}

/// An incident as it stands. Its fields can be read, and change only by a [`Revision`](crate::incidents::Revision), which keeps the
/// rules and writes the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident(pub(crate) IncidentRecord);

/// Every field of an incident, the form in which storage adapters take it apart and put it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRecord {
    /// Its identifier.
    pub id: IncidentId,
    /// The number people know it by.
    pub number: IncidentNumber,
    /// What it is about.
    pub title: Title,
    /// What is known.
    pub description: Option<Description>,
    /// Where it stands.
    pub status: Status,
    /// What it waits for, while it is on hold.
    pub hold_reason: Option<HoldReason>,
    /// How important it is.
    pub priority: Priority,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How soon it hurts.
    pub urgency: Option<Urgency>,
    /// What is affected.
    pub service: Option<Label>,
    /// What kind of trouble it is.
    pub category: Option<Label>,
    /// Key and value pairs of the team's own.
    pub labels: Labels,
    /// Who reported it; `None` when no person did.
    pub reported_by: Option<UserId>,
    /// Who works on it.
    pub assigned_to: Option<UserId>,
    /// How it ended, while it is resolved, closed or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident it repeats, if it was cancelled as a duplicate.
    pub duplicate_of: Option<IncidentId>,
    /// Where it was imported from.
    pub external: Option<ExternalReference>,
    /// When it was reported.
    pub opened_at: Timestamp,
    /// When it was first taken up.
    pub acknowledged_at: Option<Timestamp>,
    /// When the harm stopped.
    pub mitigated_at: Option<Timestamp>,
    /// When it was resolved, unless it was reopened since.
    pub resolved_at: Option<Timestamp>,
    /// When it was closed, unless it was reopened since.
    pub closed_at: Option<Timestamp>,
    /// How often it was reopened.
    pub reopen_count: u32,
    /// How often it passed from one assignee to another.
    pub reassignment_count: u32,
    /// When it entered this system.
    pub created_at: Timestamp,
    /// When it last changed; comments do not count.
    pub updated_at: Timestamp,
    /// Counts its changes; comments do not count.
    pub version: Version,
    /// How many entries its timeline has.
    pub timeline_length: u32,
    /// The hash of the timeline's last entry, so that a cut tail shows.
    pub timeline_hash: EntryHash,
    /// Seals the two together, so that whoever cuts a tail cannot make the rest look whole by what the entries say:
    /// [`TimelineKey::seal_of_end`](crate::incidents::TimelineKey::seal_of_end).
    pub timeline_seal: EntryHash,
}

impl Incident {
    /// Numbers are unique.
    pub const NUMBER: UniqueKey = UniqueKey::new("incident number");
    /// An incident is imported once from each source.
    pub const EXTERNAL_REFERENCE: UniqueKey = UniqueKey::new("external reference");

    /// Puts a stored incident together again. For storage adapters: it checks nothing.
    pub const fn restore(record: IncidentRecord) -> Self {
        Self(record)
    }

    /// Takes the incident apart, to be stored.
    pub fn into_record(self) -> IncidentRecord {
        self.0
    }

    /// The steps that the state machine offers from here.
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
