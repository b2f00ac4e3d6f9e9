//! The hash chain that makes tampering with a timeline show: each entry's hash is
//! `HMAC-SHA256(key, previous hash ‖ canonical entry)` (RFC 2104, FIPS 180-4), the first one's
//! predecessor being 32 zero bytes. The incident keeps the length and the last hash, so that a cut tail
//! shows as well, and a seal over the two: the hashes of all entries stand in the store, and without it whoever
//! cuts the tail would only have to copy the hash of the last entry that is left.

use std::fmt;

use crate::incidents::{EntryHash, IncidentId, IncidentRecord, TimelineEntry};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// The server's secret key for sealing timelines.
#[derive(Clone)]
pub struct TimelineKey(Hmac<Sha256>);

impl TimelineKey {
    /// Derives the key from secret bytes; at least 32 of them, from a good source, are advised.
    pub fn new(secret: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
        let mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        Self(mac)
    }

    pub(super) fn seal(&self, previous: &EntryHash, canonical: &[u8]) -> EntryHash {
        let mut mac = self.0.clone();
        mac.update(previous.as_bytes());
        mac.update(canonical);
        EntryHash::new(mac.finalize().into_bytes().into())
    }

    /// The seal of a timeline's end: the HMAC of the netstrings of the format's name, the incident's id and the
    /// timeline's length, and of the bytes of the last hash.
    pub fn seal_of_end(&self, incident: &IncidentRecord) -> EntryHash {
        let mut bytes = Vec::with_capacity(128);
        for text in ["incident-timeline-end-v1", &incident.id.to_string(), &incident.timeline_length.to_string()] {
            add_netstring(&mut bytes, text);
        }
        bytes.extend_from_slice(incident.timeline_hash.as_bytes());
        self.seal(&EntryHash::NONE, &bytes)
    }

    /// What an incident's record of its timeline's end is worth.
    pub fn end_of(&self, incident: &IncidentRecord) -> TimelineEnd {
        match incident.timeline_seal {
            seal if seal == self.seal_of_end(incident) => TimelineEnd::Sealed,
            EntryHash::NONE => TimelineEnd::Unsealed,
            _ => TimelineEnd::Forged,
        }
    }
}

/// Appends `length:bytes,`: whatever the texts contain, no two lists of them give the same bytes.
pub(super) fn add_netstring(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.len().to_string().as_bytes());
    bytes.push(b':');
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b',');
}

/// What an incident's record of its timeline's end is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineEnd {
    /// The server wrote it.
    Sealed,
    /// It has no seal: it is of a release that had none, or follows an end that was forged.
    Unsealed,
    /// The seal is not the server's.
    Forged,
}

impl fmt::Debug for TimelineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimelineKey(secret)")
    }
}

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
