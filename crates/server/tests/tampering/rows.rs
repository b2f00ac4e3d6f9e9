//! Deleted, moved and added entries.

use fastrand::Rng;
use incident_domain::{
    incidents::{EntryDetails, EntryHash, EntryId, TimelineEntry, TimelineKey},
    kernel::Note,
};

use crate::{
    database::{optional, text},
    intruder::Target,
    random::{one_of, uuid},
};

/// A temporary sequence beyond all others.
const TEMPORARY: u32 = 1_000_000;

impl Target<'_> {
    pub(crate) fn length(&self) -> u32 {
        self.victim.incident.timeline_length
    }

    pub(crate) fn incident_id(&self) -> String {
        self.dialect.id(self.victim.incident.id.as_uuid())
    }

    fn moved(&self, from: u32, to: u32) -> String {
        let incident = self.incident_id();
        format!("UPDATE timeline_entries SET sequence = {to} WHERE incident_id = {incident} AND sequence = {from}")
    }

    pub(crate) fn delete(&self) -> String {
        format!("DELETE FROM timeline_entries WHERE id = {}", self.dialect.id(self.entry.id.as_uuid()))
    }

    /// Sometimes also decrements the stored length.
    pub(crate) fn delete_and_close_the_gap(&self, sequence: u32, rng: &mut Rng) -> Vec<String> {
        let incident = self.incident_id();
        let delete = format!("DELETE FROM timeline_entries WHERE incident_id = {incident} AND sequence = {sequence}");
        let closing = (sequence + 1..=self.length()).map(|later| self.moved(later, later - 1));
        let shorter = (rng.usize(0..2) == 0).then(|| self.set_length(self.length() - 1));
        [delete].into_iter().chain(closing).chain(shorter).collect()
    }

    fn other_sequence(&self, rng: &mut Rng) -> u32 {
        let others: Vec<u32> = (1..=self.length()).filter(|place| *place != self.entry.sequence).collect();
        one_of(rng, &others)
    }

    pub(crate) fn swap(&self, rng: &mut Rng) -> Vec<String> {
        let (one, other) = (self.entry.sequence, self.other_sequence(rng));
        vec![self.moved(one, TEMPORARY), self.moved(other, one), self.moved(TEMPORARY, other)]
    }

    /// Swaps the contents of two entries, but not their ids, sequences and hashes.
    pub(crate) fn swap_contents(&self, rng: &mut Rng) -> Vec<String> {
        let place = self.other_sequence(rng);
        let other = self.victim.entries.iter().find(|entry| entry.sequence == place).expect("an entry");
        let overwrite = |entry: &TimelineEntry, source: &TimelineEntry| {
            let (actor, message) = (source.actor.reference(), source.message.as_ref().map(Note::as_str));
            let contents = [
                format!("kind = {}", text(source.kind().as_str())),
                format!("actor_kind = {}", text(source.actor.kind())),
                format!("actor_reference = {}", optional(actor.as_deref())),
                format!("at = {}", self.dialect.time(source.at)),
                format!("message = {}", optional(message)),
                format!("details = {}", self.dialect.json(&details(source))),
            ];
            let id = self.dialect.id(entry.id.as_uuid());
            format!("UPDATE timeline_entries SET {} WHERE id = {id}", contents.join(", "))
        };
        vec![overwrite(self.entry, other), overwrite(other, self.entry)]
    }

    /// Inserts a plausible entry, hashed with a key other than the server's; also returns its hash.
    pub(crate) fn insert_forged(&self, sequence: u32, rng: &mut Rng) -> (String, EntryHash) {
        let place = usize::try_from(sequence.saturating_sub(1)).expect("a place").min(self.victim.entries.len());
        let previous = place.checked_sub(1).map_or(EntryHash::NONE, |before| self.victim.entries[before].hash);
        let mut entry = TimelineEntry {
            id: EntryId::new(uuid(rng)),
            incident_id: self.victim.incident.id,
            sequence,
            actor: self.entry.actor.clone(),
            at: self.entry.at,
            message: Some(Note::parse("a forged comment").expect("a note")),
            details: EntryDetails::Commented,
            hash: EntryHash::NONE,
        };
        entry.hash = match rng.usize(0..3) {
            0 => entry.expected_hash(&TimelineKey::new(b"a guessed key"), &previous),
            1 => entry.expected_hash(&TimelineKey::new(b""), &previous),
            _ => self.entry.hash,
        };
        (self.insert(&entry), entry.hash)
    }

    pub(crate) fn insert_forged_with_matching_end(&self, rng: &mut Rng) -> Vec<String> {
        let (insert, hash) = self.insert_forged(self.length() + 1, rng);
        vec![insert, self.set_end(self.length() + 1, hash)]
    }

    pub(crate) fn insert_forged_in_the_middle(&self, rng: &mut Rng) -> Vec<String> {
        let place = self.entry.sequence;
        let making_room = (place..=self.length()).rev().map(|later| self.moved(later, later + 1));
        let longer = self.set_length(self.length() + 1);
        making_room.chain([self.insert_forged(place, rng).0, longer]).collect()
    }

    /// Appends a copy of an entry of this timeline or another one.
    pub(crate) fn repeat(&self, rng: &mut Rng) -> String {
        let entries = if rng.usize(0..2) == 0 { &self.victim.entries } else { &self.other.entries };
        let copied = one_of(rng, entries);
        let id = EntryId::new(uuid(rng));
        let (incident_id, sequence) = (self.victim.incident.id, self.length() + 1);
        self.insert(&TimelineEntry { id, incident_id, sequence, ..copied })
    }

    /// Replaces the timeline by that of another incident, with its end.
    pub(crate) fn move_entries_of_another(&self) -> Vec<String> {
        let (own, other) = (self.incident_id(), self.dialect.id(self.other.incident.id.as_uuid()));
        vec![
            self.erase_all(),
            format!("UPDATE timeline_entries SET incident_id = {own} WHERE incident_id = {other}"),
            self.copy_end(),
        ]
    }

    fn insert(&self, entry: &TimelineEntry) -> String {
        let reference = entry.actor.reference();
        let values = [
            self.dialect.id(entry.id.as_uuid()),
            self.dialect.id(entry.incident_id.as_uuid()),
            entry.sequence.to_string(),
            text(entry.kind().as_str()),
            text(entry.actor.kind()),
            optional(reference.as_deref()),
            self.dialect.time(entry.at),
            optional(entry.message.as_ref().map(Note::as_str)),
            self.dialect.json(&details(entry)),
            self.dialect.bytes(entry.hash.as_bytes()),
        ];
        let columns = "id, incident_id, sequence, kind, actor_kind, actor_reference, at, message, details, hash";
        format!("INSERT INTO timeline_entries ({columns}) VALUES ({})", values.join(", "))
    }
}

/// Returns the details as they are stored.
fn details(entry: &TimelineEntry) -> String {
    let fields = entry.details.fields().into_iter();
    let fields = fields.map(|(name, value)| (name.to_owned(), serde_json::Value::String(value)));
    serde_json::Value::Object(fields.collect()).to_string()
}
