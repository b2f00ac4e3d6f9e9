//! The key that seals timelines, and the seal of a timeline's end.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::incidents::{EntryHash, IncidentRecord};

/// The server's secret key for sealing timelines.
#[derive(Clone)]
pub struct TimelineKey(Hmac<Sha256>);

impl TimelineKey {
    /// Derives the key from secret bytes; at least 32 random ones are advised.
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

    /// Returns the seal of a timeline's end: the HMAC of the netstrings of the format's name, the incident's id and the
    /// timeline's length, followed by the bytes of the last hash.
    pub fn seal_of_end(&self, incident: &IncidentRecord) -> EntryHash {
        let mut bytes = Vec::with_capacity(128);
        for text in ["incident-timeline-end-v1", &incident.id.to_string(), &incident.timeline_length.to_string()] {
            add_netstring(&mut bytes, text);
        }
        bytes.extend_from_slice(incident.timeline_hash.as_bytes());
        self.seal(&EntryHash::NONE, &bytes)
    }

    /// Verifies the seal of the timeline's end that an incident stores.
    pub fn end_of(&self, incident: &IncidentRecord) -> TimelineEnd {
        match incident.timeline_seal {
            seal if seal == self.seal_of_end(incident) => TimelineEnd::Sealed,
            EntryHash::NONE => TimelineEnd::Unsealed,
            _ => TimelineEnd::Forged,
        }
    }
}

/// Appends the netstring `length:bytes,`, so that different lists of texts give different bytes.
pub(super) fn add_netstring(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.len().to_string().as_bytes());
    bytes.push(b':');
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b',');
}

/// The state of the seal of a timeline's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineEnd {
    /// The seal is this server's.
    Sealed,
    /// There is no seal: the incident was last changed by a release without seals, or its end was forged before.
    Unsealed,
    /// The seal is not this server's.
    Forged,
}

impl fmt::Debug for TimelineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimelineKey(secret)")
    }
}
