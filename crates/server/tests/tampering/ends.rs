//! Truncation of timelines, and changes of the end that the incident stores.

use fastrand::Rng;
use incident_domain::incidents::EntryHash;

use crate::{
    intruder::Target,
    random::{flip, one_of},
};

impl Target<'_> {
    pub(crate) fn set_incident(&self, assignments: &str) -> String {
        format!("UPDATE incidents SET {assignments} WHERE id = {}", self.incident_id())
    }

    pub(crate) fn set_length(&self, length: u32) -> String {
        self.set_incident(&format!("timeline_length = {length}"))
    }

    /// Changes the stored end, but not its seal.
    pub(crate) fn set_end(&self, length: u32, hash: EntryHash) -> String {
        let hash = self.dialect.bytes(hash.as_bytes());
        self.set_incident(&format!("timeline_length = {length}, timeline_hash = {hash}"))
    }

    /// Deletes a tail of random length; also returns the number of remaining entries and the hash of the last one.
    pub(crate) fn truncate(&self, rng: &mut Rng) -> (String, u32, EntryHash) {
        let left = rng.usize(1..self.victim.entries.len());
        let last = &self.victim.entries[left - 1];
        let id = self.incident_id();
        let cut = format!("DELETE FROM timeline_entries WHERE incident_id = {id} AND sequence > {}", last.sequence);
        (cut, last.sequence, last.hash)
    }

    pub(crate) fn truncate_with_matching_end(&self, rng: &mut Rng) -> Vec<String> {
        let (cut, length, hash) = self.truncate(rng);
        vec![cut, self.set_end(length, hash)]
    }

    pub(crate) fn truncate_and_unseal(&self, rng: &mut Rng) -> Vec<String> {
        let (cut, length, hash) = self.truncate(rng);
        vec![cut, self.set_end(length, hash), self.unseal()]
    }

    pub(crate) fn erase_all(&self) -> String {
        format!("DELETE FROM timeline_entries WHERE incident_id = {}", self.incident_id())
    }

    pub(crate) fn erase_all_with_matching_end(&self, rng: &mut Rng) -> Vec<String> {
        let unseal = (rng.usize(0..2) == 0).then(|| self.unseal());
        [self.erase_all(), self.set_end(0, EntryHash::NONE)].into_iter().chain(unseal).collect()
    }

    pub(crate) fn unseal(&self) -> String {
        self.set_incident(&format!("timeline_seal = {}", self.dialect.bytes(EntryHash::NONE.as_bytes())))
    }

    pub(crate) fn edit_length(&self, rng: &mut Rng) -> String {
        let others = [0, 1, self.length() - 1, self.length() + 1, self.length() + 1_000];
        self.set_length(one_of(rng, &others))
    }

    pub(crate) fn edit_last_hash(&self, rng: &mut Rng) -> String {
        let flipped = flip(rng, self.victim.incident.timeline_hash.as_bytes());
        let others = [flipped, *self.victim.entries[0].hash.as_bytes(), [0; 32]];
        self.set_incident(&format!("timeline_hash = {}", self.dialect.bytes(&one_of(rng, &others))))
    }

    pub(crate) fn edit_seal(&self, rng: &mut Rng) -> String {
        let incident = &self.victim.incident;
        let flipped = flip(rng, incident.timeline_seal.as_bytes());
        let others = [flipped, *incident.timeline_hash.as_bytes(), *self.other.incident.timeline_seal.as_bytes()];
        self.set_incident(&format!("timeline_seal = {}", self.dialect.bytes(&one_of(rng, &others))))
    }

    /// Copies length, hash and seal of another incident, which match one another.
    pub(crate) fn copy_end(&self) -> String {
        let other = &self.other.incident;
        let [hash, seal] = [other.timeline_hash, other.timeline_seal].map(|hash| self.dialect.bytes(hash.as_bytes()));
        self.set_incident(&format!(
            "timeline_length = {}, timeline_hash = {hash}, timeline_seal = {seal}",
            other.timeline_length
        ))
    }

    /// Writes an end that the server cannot read.
    pub(crate) fn write_invalid_end(&self, rng: &mut Rng) -> String {
        let short = self.dialect.bytes(&[7; 31]);
        let ends = [
            "timeline_length = -1".to_owned(),
            "timeline_length = 4294967296".to_owned(),
            format!("timeline_hash = {short}"),
            format!("timeline_seal = {short}"),
        ];
        self.set_incident(&one_of(rng, &ends))
    }
}
