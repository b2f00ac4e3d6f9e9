//! Timeline entries.

use super::key::add_netstring;
use crate::{
    incidents::{EntryDetails, EntryHash, EntryId, EntryKind, IncidentId, KeyCheck, TimelineKey},
    kernel::{Actor, Note, Record, RecordId as _, RecordKind, Reference, Timestamp, UniqueKey, UniqueValue},
};

/// An entry of the timeline. A [`Revision`](crate::incidents::Revision) appends it; it is never changed, and is deleted
/// only with its incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The identifier.
    pub id: EntryId,
    /// The incident.
    pub incident_id: IncidentId,
    /// The position in the timeline: 1, 2, 3 … without gaps.
    pub sequence: u32,
    /// The author.
    pub actor: Actor,
    /// The time.
    pub at: Timestamp,
    /// The comment or reason.
    pub message: Option<Note>,
    /// The details.
    pub details: EntryDetails,
    /// The hash of this entry and, through the hash before it, of all earlier ones.
    pub hash: EntryHash,
}

impl TimelineEntry {
    /// The unique key: incident and sequence.
    pub const SEQUENCE: UniqueKey = UniqueKey::new("timeline sequence");

    /// Returns the kind of the entry.
    pub const fn kind(&self) -> EntryKind {
        self.details.kind()
    }

    /// Returns the hash that this entry must have after an entry with the hash `previous`.
    pub fn expected_hash(&self, key: &TimelineKey, previous: &EntryHash) -> EntryHash {
        key.seal(previous, &self.canonical())
    }

    /// Returns true if this entry has the hash that it must have after an entry with the hash `previous`.
    pub fn fits(&self, key: &TimelineKey, previous: &EntryHash) -> bool {
        key.accepts(previous, &self.canonical(), &self.hash)
    }

    /// Returns the check value of the key that sealed this entry after an entry with the hash `previous`; `None` if it
    /// is none of these keys.
    pub fn sealer(&self, key: &TimelineKey, previous: &EntryHash) -> Option<KeyCheck> {
        key.sealer(previous, &self.canonical(), &self.hash)
    }

    /// Returns the bytes that the hash covers: netstrings (`length:bytes,`) of, in this order, the format's name, the
    /// incident's id, the sequence, the entry's id, the kind, the actor's kind and reference, the time in microseconds,
    /// the message, and each detail's name and value. An absent value is an empty netstring; absent details are left
    /// out.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut add = |text: &str| add_netstring(&mut bytes, text);
        add("incident-timeline-v1");
        add(&self.incident_id.to_string());
        add(&self.sequence.to_string());
        add(&self.id.to_string());
        add(self.kind().as_str());
        add(self.actor.kind());
        add(self.actor.reference().as_deref().unwrap_or_default());
        add(&self.at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        add(self.message.as_ref().map(Note::as_str).unwrap_or_default());
        for (name, value) in self.details.fields() {
            add(name);
            add(&value);
        }
        bytes
    }
}

impl Record for TimelineEntry {
    type Id = EntryId;
    const KIND: RecordKind = EntryId::KIND;

    fn id(&self) -> EntryId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::to_owner(self.incident_id)]
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        let incident = self.incident_id.as_uuid();
        vec![UniqueValue::new(Self::SEQUENCE, [incident.as_bytes(), &self.sequence.to_be_bytes()])]
    }
}
