//! The key that seals timelines, and the seal of a timeline's end.

use std::{fmt, iter};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::incidents::{EntryHash, IncidentRecord};

/// The message whose HMAC is the key of a check value. It is shorter than the 32 bytes with which every sealed message
/// begins, so that no seal is equal to it.
const CHECK_KEY_PURPOSE: &[u8] = b"incident-timeline-key-check-v1";

/// The message that check values authenticate.
const CHECK_MESSAGE: &[u8] = b"incident-timeline-key";

/// The server's secret key for sealing timelines, and the retired keys whose seals it still accepts.
#[derive(Clone)]
pub struct TimelineKey {
    current: Hmac<Sha256>,
    retired: Vec<Hmac<Sha256>>,
}

impl TimelineKey {
    /// Derives the key from secret bytes; at least 32 random ones are advised.
    pub fn new(secret: &[u8]) -> Self {
        Self { current: hmac_with(secret), retired: Vec::new() }
    }

    /// Accepts the seals of a retired key too. Nothing is sealed with it.
    #[must_use]
    pub fn accepting(mut self, retired: &[u8]) -> Self {
        self.retired.push(hmac_with(retired));
        self
    }

    /// Returns the check value of the key that seals.
    pub fn check(&self) -> KeyCheck {
        check_of(&self.current)
    }

    /// Returns the check values of all keys whose seals are accepted, that of the key that seals first.
    pub fn accepted_checks(&self) -> Vec<KeyCheck> {
        self.accepted().map(check_of).collect()
    }

    /// Returns the check value of the key that sealed the end of an incident's timeline; `None` if none of these did.
    pub fn sealer_of_end(&self, incident: &IncidentRecord) -> Option<KeyCheck> {
        let end = canonical_end(incident);
        self.sealer(&EntryHash::NONE, &end, &incident.timeline_seal)
    }

    /// Returns the check value of the key that sealed bytes; `None` if none of these did.
    pub(super) fn sealer(&self, previous: &EntryHash, canonical: &[u8], hash: &EntryHash) -> Option<KeyCheck> {
        self.accepted().find(|key| seal(key, previous, canonical) == *hash).map(check_of)
    }

    /// Returns true if one of the keys gives this hash.
    pub(super) fn accepts(&self, previous: &EntryHash, canonical: &[u8], hash: &EntryHash) -> bool {
        self.accepted().any(|key| seal(key, previous, canonical) == *hash)
    }

    pub(super) fn seal(&self, previous: &EntryHash, canonical: &[u8]) -> EntryHash {
        seal(&self.current, previous, canonical)
    }

    /// Returns the seal of a timeline's end: the HMAC of the netstrings of the format's name, the incident's id and the
    /// timeline's length, followed by the bytes of the last hash.
    pub fn seal_of_end(&self, incident: &IncidentRecord) -> EntryHash {
        self.seal(&EntryHash::NONE, &canonical_end(incident))
    }

    /// Verifies the seal of the timeline's end that an incident stores.
    pub fn end_of(&self, incident: &IncidentRecord) -> TimelineEnd {
        let seal = &incident.timeline_seal;
        if self.accepts(&EntryHash::NONE, &canonical_end(incident), seal) {
            TimelineEnd::Sealed
        } else if *seal == EntryHash::NONE {
            TimelineEnd::Unsealed
        } else {
            TimelineEnd::Forged
        }
    }

    fn accepted(&self) -> impl Iterator<Item = &Hmac<Sha256>> {
        iter::once(&self.current).chain(&self.retired)
    }
}

/// A value that tells whether two processes have the same key without revealing the key: the HMAC of a fixed message
/// under a key that is derived from it. Stores keep it, so that a process with another key is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyCheck([u8; Self::BYTES]);

impl KeyCheck {
    /// The number of bytes.
    pub const BYTES: usize = 32;

    /// Wraps the bytes of a stored check value.
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// Neither the key nor its check value belongs in a log: the check value lets a weak key be guessed offline.
impl fmt::Debug for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCheck")
    }
}

fn hmac_with(secret: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")
}

fn seal(key: &Hmac<Sha256>, previous: &EntryHash, canonical: &[u8]) -> EntryHash {
    let mut mac = key.clone();
    mac.update(previous.as_bytes());
    mac.update(canonical);
    EntryHash::new(mac.finalize().into_bytes().into())
}

fn check_of(key: &Hmac<Sha256>) -> KeyCheck {
    let mut derived = key.clone();
    derived.update(CHECK_KEY_PURPOSE);
    let mut mac = hmac_with(&derived.finalize().into_bytes());
    mac.update(CHECK_MESSAGE);
    KeyCheck(mac.finalize().into_bytes().into())
}

fn canonical_end(incident: &IncidentRecord) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    for text in ["incident-timeline-end-v1", &incident.id.to_string(), &incident.timeline_length.to_string()] {
        add_netstring(&mut bytes, text);
    }
    bytes.extend_from_slice(incident.timeline_hash.as_bytes());
    bytes
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
