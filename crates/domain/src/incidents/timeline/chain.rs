//! The hash chain that reveals tampering with a timeline. The hash of an entry is `HMAC-SHA256(key, previous hash ‖
//! canonical entry)` (RFC 2104, FIPS 180-4), where the previous hash of the first entry is 32 zero bytes. The incident
//! stores the length and the last hash, so that removing entries at the end shows too, and a seal over both: without
//! it, an attacker could copy the hash of the last remaining entry into the incident.

use thiserror::Error;

use super::replay::Replay;
use crate::incidents::{EntryHash, IncidentId, IncidentRecord, TimelineEnd, TimelineEntry, TimelineKey};

/// The fault found in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainFault {
    /// The entry at this position is missing, changed, moved or from another timeline.
    #[error("entry {sequence} does not fit the chain")]
    Broken {
        /// The sequence of the first entry that does not fit, from 1.
        sequence: u32,
    },
    /// Every entry fits, but the number of entries is not the one that the incident stores.
    #[error("the timeline has {found} entries, the incident knows of {expected}")]
    WrongLength {
        /// The number that the incident stores.
        expected: u32,
        /// The number of entries.
        found: u32,
    },
    /// Every entry and their number fit, but the last hash that the incident stores differs.
    #[error("the incident's record of the last hash does not fit the chain")]
    WrongHead,
    /// Everything fits, but this server did not seal the end: entries were removed and the incident was adjusted.
    #[error("the incident's record of the timeline's end was not sealed by this server")]
    ForgedEnd,
    /// Everything fits, but the end has no seal, so that removed entries cannot be ruled out.
    #[error("the end of the timeline carries no seal")]
    Unsealed,
    /// The timeline is complete, but the incident's own fields are not what its entries say.
    #[error("the incident differs from what its timeline says: {}", fields.join(", "))]
    Differs {
        /// The names of the fields that differ.
        fields: Vec<&'static str>,
    },
}

/// Verifies a timeline entry by entry in constant memory, so that it can be read in pages.
#[derive(Debug)]
pub struct ChainVerifier<'k> {
    key: &'k TimelineKey,
    incident_id: IncidentId,
    length: u32,
    head: EntryHash,
    replay: Replay,
}

impl<'k> ChainVerifier<'k> {
    /// Starts before the first entry of an incident's timeline.
    pub fn new(key: &'k TimelineKey, incident_id: IncidentId) -> Self {
        Self { key, incident_id, length: 0, head: EntryHash::NONE, replay: Replay::default() }
    }

    /// Verifies the next entry.
    pub fn check(&mut self, entry: &TimelineEntry) -> Result<(), ChainFault> {
        let sequence = self.length + 1;
        let in_place = entry.sequence == sequence && entry.incident_id == self.incident_id;
        if !in_place || !entry.fits(self.key, &self.head) {
            return Err(ChainFault::Broken { sequence });
        }
        self.length = sequence;
        self.head = entry.hash;
        self.replay.add(entry);
        Ok(())
    }

    /// Returns the number of entries verified so far.
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// Compares the verified entries with what the incident stores: their number, the last hash, the seal, and every
    /// field that the entries determine.
    pub fn finish(self, incident: &IncidentRecord) -> Result<(), ChainFault> {
        if self.length != incident.timeline_length {
            return Err(ChainFault::WrongLength { expected: incident.timeline_length, found: self.length });
        }
        if self.head != incident.timeline_hash {
            return Err(ChainFault::WrongHead);
        }
        let end = self.key.end_of(incident);
        if end == TimelineEnd::Forged {
            return Err(ChainFault::ForgedEnd);
        }
        // An end without a seal may be sealed afterwards, so a field that differs counts first.
        let fields = self.replay.differences(incident);
        if !fields.is_empty() {
            return Err(ChainFault::Differs { fields });
        }
        if end == TimelineEnd::Sealed { Ok(()) } else { Err(ChainFault::Unsealed) }
    }
}
