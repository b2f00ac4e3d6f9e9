//! The hash chain that makes tampering with a timeline show: each entry's hash is
//! `HMAC-SHA256(key, previous hash ‖ canonical entry)` (RFC 2104, FIPS 180-4), the first one's
//! predecessor being 32 zero bytes. The incident keeps the length and the last hash, so that a cut tail
//! shows as well.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use super::TimelineEntry;
use crate::entry_hash::EntryHash;

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
}

/// Checks a timeline entry by entry, in constant memory, so that one of any length can be read in pages.
#[derive(Debug)]
pub struct ChainVerifier<'k> {
    key: &'k TimelineKey,
    incident_id: crate::IncidentId,
    length: u32,
    head: EntryHash,
}

impl<'k> ChainVerifier<'k> {
    /// Starts before the first entry of an incident's timeline.
    pub const fn new(key: &'k TimelineKey, incident_id: crate::IncidentId) -> Self {
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

    /// Compares what was seen with what the incident knows.
    pub fn finish(self, timeline_length: u32, timeline_hash: &EntryHash) -> Result<(), ChainFault> {
        if self.length != timeline_length {
            return Err(ChainFault::WrongLength { expected: timeline_length, found: self.length });
        }
        if self.head != *timeline_hash {
            return Err(ChainFault::WrongHead);
        }
        Ok(())
    }
}
