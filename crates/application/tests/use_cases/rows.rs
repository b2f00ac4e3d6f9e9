//! An incident and its timeline as rows that change between the reads of one query.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use incident_application::incidents::Incidents;
use incident_domain::{
    incidents::{
        Incident, IncidentId, IncidentNumber, IncidentRecord, MockIncidentRepository, MockTimelineRepository, Revision,
        Stamp, TimelineEntry, TimelineKey,
    },
    kernel::{Actor, Note, StoreError, Timestamp},
};
use incident_memory::SequentialIds;
use uuid::Uuid;

use crate::scene::{KEY, Scene, new_incident};

/// The stored rows.
pub(crate) struct Stored {
    pub(crate) incident: Option<Incident>,
    pub(crate) entries: Vec<TimelineEntry>,
    /// The sequence number of an entry whose row is unreadable.
    pub(crate) unreadable: Option<u32>,
    key: TimelineKey,
    ids: SequentialIds,
}

type AfterRead = Box<dyn FnOnce(&mut Stored) + Send>;

/// The stored rows, and the changes to make after each read.
pub(crate) struct Rows {
    stored: Mutex<Stored>,
    after_reads: Mutex<VecDeque<AfterRead>>,
}

fn at() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().expect("a time")
}

impl Stored {
    /// Creates an incident whose timeline has this many entries.
    fn new(entries: u32) -> Self {
        let (key, ids) = (TimelineKey::new(KEY), SequentialIds::new());
        let stamp = Stamp { actor: &Actor::System, at: at(), ids: &ids, key: &key };
        let id = IncidentId::new(Uuid::from_u128(1));
        let opened = Revision::open(new_incident(None), id, IncidentNumber::new(1), at(), &stamp);
        let (incident, opening) = (Some(opened.incident().clone()), opened.entries().to_vec());
        let mut stored = Self { incident, entries: opening, unreadable: None, key, ids };
        stored.comment(entries - 1);
        stored
    }

    /// Adds this many comments, as the server does.
    pub(crate) fn comment(&mut self, remarks: u32) {
        let stamp = Stamp { actor: &Actor::System, at: at(), ids: &self.ids, key: &self.key };
        let mut revision = self.incident.clone().expect("an incident").revise();
        for _ in 0..remarks {
            revision = revision.comment(Note::parse("hello").expect("a remark"), &stamp);
        }
        self.incident = Some(revision.incident().clone());
        self.entries.extend_from_slice(revision.entries());
    }

    /// Deletes the incident, as the server does.
    pub(crate) fn delete(&mut self) {
        self.incident = None;
        self.entries.clear();
    }

    /// Changes the incident's record of its timeline without the server's checks.
    pub(crate) fn tamper(&mut self, tamper: impl FnOnce(&mut IncidentRecord)) {
        let mut record = self.incident.take().expect("an incident").into_record();
        tamper(&mut record);
        self.incident = Some(Incident::restore(record));
    }

    /// Returns the entry with this sequence number.
    pub(crate) fn entry(&mut self, sequence: u32) -> &mut TimelineEntry {
        self.entries.iter_mut().find(|entry| entry.sequence == sequence).expect("an entry")
    }

    fn after(&self, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let mut entries: Vec<&TimelineEntry> = self.entries.iter().filter(|entry| entry.sequence > after).collect();
        entries.sort_by_key(|entry| entry.sequence);
        entries.truncate(limit.try_into().expect("not many"));
        if entries.iter().any(|entry| Some(entry.sequence) == self.unreadable) {
            return Err(StoreError::unreadable("an impossible hash"));
        }
        Ok(entries.into_iter().cloned().collect())
    }
}

impl Rows {
    /// Creates an incident whose timeline has this many entries.
    pub(crate) fn of(entries: u32) -> Arc<Self> {
        Arc::new(Self { stored: Mutex::new(Stored::new(entries)), after_reads: Mutex::default() })
    }

    pub(crate) fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().expect("not poisoned")
    }

    /// Schedules a change after the read that follows those already scheduled.
    pub(crate) fn then(&self, after_read: impl FnOnce(&mut Stored) + Send + 'static) {
        self.after_reads.lock().expect("not poisoned").push_back(Box::new(after_read));
    }

    fn read<T>(&self, read: impl FnOnce(&Stored) -> T) -> T {
        let mut stored = self.stored();
        let found = read(&stored);
        let after_read = self.after_reads.lock().expect("not poisoned").pop_front();
        if let Some(after_read) = after_read {
            after_read(&mut stored);
        }
        found
    }

    /// Creates the incident service over these rows.
    pub(crate) fn incidents(self: &Arc<Self>, scene: &Scene) -> Incidents {
        let (mut incidents, mut timeline) = (MockIncidentRepository::new(), MockTimelineRepository::new());
        let rows = self.clone();
        incidents.expect_find().returning(move |_| Ok(rows.read(|stored| stored.incident.clone())));
        let rows = self.clone();
        timeline.expect_entries().returning(move |_, after, limit| rows.read(|stored| stored.after(after, limit)));
        let mut ports = Scene::ports(&scene.store);
        (ports.incidents, ports.timeline) = (Arc::new(incidents), Arc::new(timeline));
        Incidents::new(scene.runner.clone(), ports, TimelineKey::new(KEY))
    }
}
