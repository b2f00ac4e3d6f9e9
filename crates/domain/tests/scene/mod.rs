//! The setup of the domain's tests: ids in sequence, a key and an incident.

use std::sync::atomic::{AtomicU64, Ordering};

use incident_domain::{
    incidents::{Incident, IncidentId, IncidentNumber, Labels, NewIncident, Priority, Revision, Stamp, TimelineKey},
    kernel::{Actor, IdGenerator, Note, Timestamp, Title, UserId},
};
use uuid::Uuid;

/// Ids in sequence and a fixed key.
pub(crate) struct Scene {
    pub(crate) key: TimelineKey,
    ids_taken: AtomicU64,
}

impl IdGenerator for Scene {
    fn next_id(&self) -> Uuid {
        let ordinal = self.ids_taken.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128(u128::from(ordinal))
    }
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { key: TimelineKey::new(b"a key of the tests, 32 bytes long"), ids_taken: AtomicU64::new(0) }
    }

    /// Returns the number of ids taken, which is the number of entries written.
    pub(crate) fn ids_taken(&self) -> u64 {
        self.ids_taken.load(Ordering::Relaxed)
    }

    pub(crate) fn stamp<'a>(&'a self, actor: &'a Actor, minute: u32) -> Stamp<'a> {
        Stamp { actor, at: minute_of_day(minute), ids: self, key: &self.key }
    }

    /// Opens an incident as the system at minute 0, without an assignee.
    pub(crate) fn open(&self) -> Revision {
        let stamp = self.stamp(&Actor::System, 0);
        Revision::open(new_incident(), incident_id(), IncidentNumber::new(1), stamp.at, &stamp)
    }

    pub(crate) fn incident(&self) -> Incident {
        self.open().incident().clone()
    }
}

pub(crate) fn minute_of_day(minute: u32) -> Timestamp {
    const MIDNIGHT_SECS: i64 = 1_780_012_800;
    Timestamp::from_timestamp_secs(MIDNIGHT_SECS + 60 * i64::from(minute)).unwrap()
}

pub(crate) fn incident_id() -> IncidentId {
    IncidentId::new(Uuid::from_u128(0x1001))
}

pub(crate) fn user_id(ordinal: u8) -> UserId {
    UserId::new(Uuid::from_u128(0x2000 + u128::from(ordinal)))
}

pub(crate) fn user(ordinal: u8) -> Actor {
    Actor::User(user_id(ordinal))
}

pub(crate) fn note(text: &str) -> Note {
    Note::stored(text).unwrap()
}

pub(crate) fn new_incident() -> NewIncident {
    NewIncident {
        title: Title::parse("mail is down").unwrap(),
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        reported_by: None,
        assigned_to: None,
        external: None,
    }
}
