//! An opened store for a case, and records to put into it that are the same in every run.

mod identity;
mod kernel;
mod work;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use incident_domain::{
    identity::Email,
    incidents::{
        Incident, IncidentId, IncidentNumber, Labels, NewIncident, Priority, Revision, Stamp, TimelineEntry,
        TimelineKey,
    },
    kernel::{Actor, Conflict, IdGenerator, Label, Note, Timestamp, Title},
    write::{ChangeSet, CommitError},
};
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

pub use kernel::{idempotency_key, job_kind};
pub use work::category_name;

use crate::{Harness, Ports};

/// More than any case stores, to read everything at once.
pub(crate) const EVERYTHING: u32 = 10_000;

/// 2 March 2026, 04:05:06.789012 UTC, with microseconds that a store could lose.
const START_US: i64 = 1_772_424_306_789_012;

/// An opened store with a clock, ids, incident numbers and a key for timelines.
pub struct Scene {
    /// The store under test.
    pub ports: Ports,
    /// Seals the timelines.
    pub key: TimelineKey,
    actor: Actor,
    ids: Ids,
    ticks: AtomicU32,
    numbers: AtomicU32,
}

/// UUIDv7 in form, increasing.
struct Ids(AtomicU64);

impl IdGenerator for Ids {
    fn next_id(&self) -> Uuid {
        const BEFORE_THE_COUNTER: u128 = 0x019c_abcd_ef01_7000_8000_0000_0000_0000;
        Uuid::from_u128(BEFORE_THE_COUNTER | u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }
}

impl Scene {
    /// Opens the harness' store. A second scene of the same case makes the same ids again.
    pub async fn set(harness: &dyn Harness) -> Arc<Self> {
        Arc::new(Self {
            ports: harness.open().await,
            key: TimelineKey::new(b"a key that only the contract's cases know"),
            actor: Actor::System,
            ids: Ids(AtomicU64::new(1)),
            ticks: AtomicU32::new(0),
            numbers: AtomicU32::new(1),
        })
    }

    /// Makes an id for any kind of record, greater than all before.
    pub fn uuid(&self) -> Uuid {
        self.ids.next_id()
    }

    /// Makes an id that is neither greater nor less than all others, as if it was made on another day. It depends on
    /// the index and on how many ids were made before.
    pub fn scattered_uuid(&self, index: usize) -> Uuid {
        let day = u128::try_from(index * 37 % 11).unwrap_or_default() << 104;
        Uuid::from_u128(self.uuid().as_u128().wrapping_add(day))
    }

    /// Returns a time later than all before, with microseconds.
    pub fn now(&self) -> Timestamp {
        let ticks = i64::from(self.ticks.fetch_add(1, Ordering::SeqCst));
        timestamp(START_US + ticks * 1_000_001)
    }

    /// Makes a stamp of the system at the present time.
    pub fn stamp(&self) -> Stamp<'_> {
        Stamp { actor: &self.actor, at: self.now(), ids: &self.ids, key: &self.key }
    }

    /// Makes a number that no other incident of this scene has.
    pub fn number(&self) -> IncidentNumber {
        IncidentNumber::new(self.numbers.fetch_add(1, Ordering::SeqCst))
    }

    /// Opens an incident, not stored.
    pub fn opened(&self, new: NewIncident) -> Revision {
        let (id, number) = (IncidentId::new(self.uuid()), self.number());
        Revision::open(new, id, number, self.now(), &self.stamp())
    }

    /// Opens an incident that has nothing but a title, not stored.
    pub fn plain(&self) -> Revision {
        self.opened(plain_incident())
    }

    /// Comments on an incident, not stored.
    pub fn comment(&self, incident: &Incident) -> Revision {
        incident.clone().revise().comment(note("a remark"), &self.stamp())
    }

    /// Commits a set that must be accepted.
    pub async fn commit(&self, changes: ChangeSet) {
        self.ports.store.commit(changes).await.expect("a set that contradicts nothing is stored");
    }

    /// Commits a revision that must be accepted, and returns the incident as it must now be stored.
    pub async fn store(&self, revision: Revision) -> Incident {
        let incident = revision.incident().clone();
        self.commit(ChangeSet::new().revise(revision)).await;
        incident
    }

    /// Commits a set that must be refused, and returns the conflict.
    pub async fn refusal(&self, changes: ChangeSet) -> Conflict {
        conflict(self.ports.store.commit(changes).await).expect("a set that contradicts what is stored is refused")
    }

    /// Stores an incident.
    pub async fn stored_incident(&self) -> Incident {
        self.store(self.plain()).await
    }

    /// Reads an incident.
    pub async fn incident(&self, id: IncidentId) -> Option<Incident> {
        self.ports.incidents.find(id).await.expect("incidents can be read")
    }

    /// Reads a whole timeline.
    pub async fn timeline(&self, id: IncidentId) -> Vec<TimelineEntry> {
        self.ports.timeline.entries(id, 0, EVERYTHING).await.expect("timelines can be read")
    }
}

/// Returns a new incident with a title and no optional fields.
pub fn plain_incident() -> NewIncident {
    NewIncident {
        title: Title::stored("it does not work").expect("a title"),
        description: None,
        priority: Priority::Medium,
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

/// Parses an address.
pub fn email(text: &str) -> Email {
    Email::stored(text).expect("an address")
}

/// Parses a note.
pub fn note(text: impl Into<String>) -> Note {
    Note::stored(text).expect("a note")
}

/// Parses the name of a service or a category.
pub fn label(text: &str) -> Label {
    Label::stored(text).expect("a label")
}

/// Returns a time by its microseconds since 1970.
pub fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_timestamp_micros(microseconds).expect("an instant within the calendar")
}

/// Returns how a set contradicted what is stored; `None` when it was stored.
pub fn conflict(outcome: Result<(), CommitError>) -> Option<Conflict> {
    match outcome {
        Ok(()) => None,
        Err(CommitError::Conflict(conflict)) => Some(conflict),
        Err(CommitError::Unavailable(error)) => panic!("the store is there: {error:?}"),
    }
}

/// Runs futures concurrently, each in a task of its own, and returns their outputs in order. None starts before all
/// are ready, so that they really compete.
pub async fn at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.into_iter().collect();
    let start = Arc::new(Barrier::new(tasks.len()));
    let mut running = JoinSet::new();
    for (index, task) in tasks.into_iter().enumerate() {
        let start = start.clone();
        running.spawn(async move {
            start.wait().await;
            (index, task.await)
        });
    }
    let mut outputs = running.join_all().await;
    outputs.sort_by_key(|(index, _)| *index);
    outputs.into_iter().map(|(_, output)| output).collect()
}
