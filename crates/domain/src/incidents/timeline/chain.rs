//! The hash chain that makes tampering with a timeline show: each entry's hash is
//! `HMAC-SHA256(key, previous hash ‖ canonical entry)` (RFC 2104, FIPS 180-4), the first one's
//! predecessor being 32 zero bytes. The incident keeps the length and the last hash, so that a cut tail
//! shows as well, and a seal over the two: the hashes of all entries stand in the store, and without it whoever
//! cuts the tail would only have to copy the hash of the last entry that is left.

use thiserror::Error;

use crate::incidents::{EntryHash, IncidentId, IncidentRecord, TimelineEnd, TimelineEntry, TimelineKey};

/// Where a timeline is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainFault {
    /// The entry at this place is missing, changed, moved or from elsewhere.
    #[error("entry {sequence} does not fit the chain")]
    Broken {
        /// The place of the first entry that does not fit, from 1.
        sequence: u32,
    },
    /// Every entry fits, but the last ones are gone, or there are some that the incident knows nothing of.
    #[error("the timeline has {found} entries, the incident knows of {expected}")]
    WrongLength {
        /// How many the incident knows of.
        expected: u32,
        /// How many there are.
        found: u32,
    },
    /// Every entry fits and their number is right, but the incident's record of the last hash differs.
    #[error("the incident's record of the last hash does not fit the chain")]
    WrongHead,
    /// Everything fits, but the incident's record of the timeline's end was not written by the server: the tail
    /// was cut and the record made to fit.
    #[error("the incident's record of the timeline's end was not sealed by this server")]
    ForgedEnd,
    /// Everything fits, but the end carries no seal, so that nobody knows whether the tail was cut.
    #[error("the end of the timeline carries no seal")]
    Unsealed,
}

/// Checks a timeline entry by entry, in constant memory, so that one of any length can be read in pages.
#[derive(Debug)]
pub struct ChainVerifier<'k> {
    key: &'k TimelineKey,
    incident_id: IncidentId,
    length: u32,
    head: EntryHash,
}

impl<'k> ChainVerifier<'k> {
    /// Starts before the first entry of an incident's timeline.
    pub const fn new(key: &'k TimelineKey, incident_id: IncidentId) -> Self {
        Self { key, incident_id, length: 0, head: EntryHash::NONE }
    }

    /// Takes the next entry.
    pub fn check(&mut self, entry: &TimelineEntry) -> Result<(), ChainFault> {
        let sequence = self.length + 1;
        let in_place = entry.sequence == sequence && entry.incident_id == self.incident_id;
        if !in_place || entry.hash != entry.expected_hash(self.key, &self.head) {
            return Err(ChainFault::Broken { sequence });
        }
        self.length = sequence;
        self.head = entry.hash;
        Ok(())
    }

    /// How many entries fitted so far.
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// Compares what was seen with what the incident knows.
    pub fn finish(self, incident: &IncidentRecord) -> Result<(), ChainFault> {
        if self.length != incident.timeline_length {
            return Err(ChainFault::WrongLength { expected: incident.timeline_length, found: self.length });
        }
        if self.head != incident.timeline_hash {
            return Err(ChainFault::WrongHead);
        }
        match self.key.end_of(incident) {
            TimelineEnd::Sealed => Ok(()),
            TimelineEnd::Forged => Err(ChainFault::ForgedEnd),
            TimelineEnd::Unsealed => Err(ChainFault::Unsealed),
        }
    }
}
