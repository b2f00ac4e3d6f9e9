//! What the cases play with: an opened store, and things to put into it that are the same at every run.

mod people;
mod replies;
mod work;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use incident_domain::{identity::{Email}, incidents::{Incident, IncidentId, IncidentNumber, Labels, NewIncident, Priority, Revision, Stamp, TimelineEntry, TimelineKey}, kernel::{Action, ActionFilter, ActionId, Actor, Audience, Conflict, Direction, Event, EventId, IdGenerator, Label, LoggedEvent, Note, Origin, Outcome, PageRequest, PageSize, Timestamp, Title}, write::{ChangeSet, CommitError}};
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

pub use replies::idempotency_key;
pub use work::category_name;

use crate::{Harness, Ports};

/// More than any case stores, for reading everything.
pub(crate) const EVERYTHING: u32 = 10_000;

/// 2 March 2026, 04:05:06.789012 UTC: the microseconds are there to get lost.
const START_US: i64 = 1_772_424_306_789_012;

/// An opened store with a clock, ids, numbers and a key of its own.
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
    /// Opens the harness' store. One scene is enough for a case: another one would make the same ids.
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

    /// A new id for any kind of thing, greater than all before.
    pub fn uuid(&self) -> Uuid {
        self.ids.next_id()
    }

    /// A new id that is neither greater nor less than all others, as those of other days are; the same for the
    /// same index and the same number of ids before it.
    pub fn scattered_uuid(&self, index: usize) -> Uuid {
        let day = u128::try_from(index * 37 % 11).unwrap_or_default() << 104;
        Uuid::from_u128(self.uuid().as_u128().wrapping_add(day))
    }

    /// A moment later than all before, with microseconds of its own.
    pub fn now(&self) -> Timestamp {
        let ticks = i64::from(self.ticks.fetch_add(1, Ordering::SeqCst));
        timestamp(START_US + ticks * 1_000_001)
    }

    /// The system's stamp, now.
    pub fn stamp(&self) -> Stamp<'_> {
        Stamp { actor: &self.actor, at: self.now(), ids: &self.ids, key: &self.key }
    }

    /// A number that no other incident of this scene has.
    pub fn number(&self) -> IncidentNumber {
        IncidentNumber::new(self.numbers.fetch_add(1, Ordering::SeqCst))
    }

    /// An audit record that is not stored.
    pub fn action(&self) -> Action {
        let (id, at) = (ActionId::new(self.uuid()), self.now());
        let (kind, target) = ("incident.comment".to_owned(), "incident:1".to_owned());
        let (origin, outcome) = (Origin::default(), Outcome::Done);
        Action { id, actor: Actor::System, kind, target, origin, outcome, at }
    }

    /// An event that is not stored.
    pub fn event(&self) -> Event {
        self.event_about("incident:1")
    }

    /// An event about something, that is not stored.
    pub fn event_about(&self, subject: &str) -> Event {
        let (id, occurred_at) = (EventId::new(self.uuid()), self.now());
        let (kind, payload) = ("incident.commented.v1".to_owned(), "{}".to_owned());
        Event { id, kind, subject: subject.to_owned(), audience: Audience::Members, occurred_at, payload }
    }

    /// A new incident, opened but not stored.
    pub fn opened(&self, new: NewIncident) -> Revision {
        let (id, number) = (IncidentId::new(self.uuid()), self.number());
        Revision::open(new, id, number, self.now(), &self.stamp())
    }

    /// A new incident that says nothing but its title, opened but not stored.
    pub fn plain(&self) -> Revision {
        self.opened(untold())
    }

    /// A remark on an incident, not stored.
    pub fn comment(&self, incident: &Incident) -> Revision {
        incident.clone().revise().comment(note("a remark"), &self.stamp())
    }

    /// Commits what must be accepted.
    pub async fn commit(&self, changes: ChangeSet) {
        self.ports.store.commit(changes).await.expect("a set that contradicts nothing is stored");
    }

    /// Commits one revision that must be accepted, and answers the incident as it now must be.
    pub async fn store(&self, revision: Revision) -> Incident {
        let incident = revision.incident().clone();
        self.commit(ChangeSet::new().revise(revision)).await;
        incident
    }

    /// Commits what must be refused, and answers why it was.
    pub async fn refusal(&self, changes: ChangeSet) -> Conflict {
        conflict(self.ports.store.commit(changes).await).expect("a set that contradicts what is stored is refused")
    }

    /// An incident that is stored.
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

    /// Reads the whole event log.
    pub async fn events(&self) -> Vec<LoggedEvent> {
        self.ports.events.after(0, EVERYTHING).await.expect("events can be read")
    }

    /// Reads the whole audit.
    pub async fn actions(&self) -> Vec<Action> {
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        let mut read: Vec<Action> = Vec::new();
        loop {
            let page = PageRequest::After { cursor: read.last().map(|action| action.id), size };
            let page = self.ports.actions.list(&ActionFilter::default(), Direction::Descending, page).await;
            let page = page.expect("actions can be read");
            let is_over = page.items.is_empty() || !page.has_more;
            read.extend(page.items);
            assert!(read.len() < 10_000, "the audit never ends");
            if is_over {
                return read;
            }
        }
    }
}

/// What is known of an incident of which nothing is known.
pub fn untold() -> NewIncident {
    NewIncident {
        title: Title::parse("it does not work").expect("a title"),
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

/// An address.
pub fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

/// A remark.
pub fn note(text: impl Into<String>) -> Note {
    Note::parse(text).expect("a note")
}

/// A service or category.
pub fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

/// An instant, by its microseconds since 1970.
pub fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_timestamp_micros(microseconds).expect("an instant within the calendar")
}

/// How a set contradicted what is stored; `None` when it was stored.
pub fn conflict(outcome: Result<(), CommitError>) -> Option<Conflict> {
    match outcome {
        Ok(()) => None,
        Err(CommitError::Conflict(conflict)) => Some(conflict),
        Err(CommitError::Unavailable(error)) => panic!("the store is there: {error:?}"),
    }
}

/// Runs all of these side by side, each a task of its own, and answers what they answer, in their order.
/// None begins before all are ready, so that they really meet.
pub async fn at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.into_iter().collect();
    let start = Arc::new(Barrier::new(tasks.len()));
    let mut running = JoinSet::new();
    for (place, task) in tasks.into_iter().enumerate() {
        let start = start.clone();
        running.spawn(async move {
            start.wait().await;
            (place, task.await)
        });
    }
    let mut answers = running.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
