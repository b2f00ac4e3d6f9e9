//! An in-memory store, and logs built by tests.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use incident_application::work::{
    ForeignLog, LoggedFields, LoggedIncident, LoggedUpdate, People, Person, PersonKey, Replay, ReplayOutcome,
    ReplayPorts, Standing,
};
use incident_domain::{
    identity::{Email, User, UserRepository},
    incidents::{
        ChainVerifier, Incident, IncidentFilter, IncidentRepository, IncidentSort, Labels, Priority, TimelineEntry,
        TimelineKey, TimelineRepository,
    },
    kernel::{
        Action, ActionFilter, ActionRepository, Direction, ExternalName, Note, PageRequest, PageSize, PersonName,
        Timestamp, Title,
    },
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};
use tokio_util::sync::CancellationToken;

pub(crate) struct Scene {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) ports: ReplayPorts,
    pub(crate) key: TimelineKey,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let memory = Arc::new(MemoryStore::new());
        let ports = ReplayPorts {
            store: memory.clone(),
            incidents: memory.clone(),
            numbers: memory.clone(),
            users: memory.clone(),
            clock: Arc::new(ManualClock::default()),
            ids: Arc::new(SequentialIds::new()),
        };
        Self { memory, ports, key: TimelineKey::new(b"thirty-two bytes of a test's key") }
    }

    pub(crate) async fn replay(&self, log: &ForeignLog) -> ReplayOutcome {
        self.replay_until(log, &CancellationToken::new()).await
    }

    pub(crate) async fn replay_until(&self, log: &ForeignLog, stop: &CancellationToken) -> ReplayOutcome {
        Replay::new(self.ports.clone(), self.key.clone()).run(log, stop, &|_| ()).await
    }

    /// Returns all incidents, oldest first.
    pub(crate) async fn incidents(&self) -> Vec<Incident> {
        let mut all = Vec::new();
        let (sort, mut cursor) = (IncidentSort::default(), None);
        loop {
            let size = PageSize::parse(PageSize::MAX).unwrap();
            let page = PageRequest::After { cursor, size };
            let page = IncidentRepository::list(&*self.memory, &IncidentFilter::default(), sort, page).await.unwrap();
            all.extend(page.items);
            cursor = all.last().map(|incident| sort.cursor_of(incident, incident.id.as_uuid()));
            if !page.has_more {
                all.reverse();
                return all;
            }
        }
    }

    /// Returns the only incident and its timeline, after verifying the chain.
    pub(crate) async fn only(&self) -> (Incident, Vec<TimelineEntry>) {
        let incidents = self.incidents().await;
        assert_eq!(incidents.len(), 1);
        let incident = incidents.into_iter().next().unwrap();
        let entries = self.timeline(&incident).await;
        (incident, entries)
    }

    /// Returns an incident's timeline, after verifying the chain.
    pub(crate) async fn timeline(&self, incident: &Incident) -> Vec<TimelineEntry> {
        let entries = self.memory.entries(incident.id, 0, u32::MAX).await.unwrap();
        let mut verifier = ChainVerifier::new(&self.key, incident.id);
        for entry in &entries {
            verifier.check(entry).unwrap();
        }
        verifier.finish(incident).unwrap();
        entries
    }

    /// Returns all actions, newest first; they fit on one page.
    pub(crate) async fn actions(&self) -> Vec<Action> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).unwrap() };
        let page =
            ActionRepository::list(&*self.memory, &ActionFilter::default(), Direction::Descending, page).await.unwrap();
        assert!(!page.has_more, "there are more than a page");
        page.items
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        let found = self.memory.find_by_emails(&[person(name).email]).await.unwrap();
        found.into_iter().next().unwrap_or_else(|| panic!("{name} is no user"))
    }
}

/// A log to which tests add incidents.
pub(crate) struct Log {
    pub(crate) log: ForeignLog,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { log: ForeignLog { source: external("legacy"), people: People::default(), incidents: Vec::new() } }
    }

    pub(crate) fn person(&mut self, name: &str) -> PersonKey {
        self.log.people.key_of(person(name))
    }

    /// Adds an incident that Olga opens at minute 0 and that Ute updates at minutes 1, 2, 3 … to these states.
    pub(crate) fn add(&mut self, number: &str, standings: &[Standing]) -> &mut LoggedIncident {
        let (olga, ute) = (self.person("Olga"), self.person("Ute"));
        let fields = Arc::new(fields());
        let update = |(minute, standing): (i64, &Standing)| LoggedUpdate {
            line: minute.unsigned_abs(),
            at: minute_at(minute),
            by: Some(ute),
            resolved_by: None,
            standing: *standing,
            comment: None,
            fields: Arc::clone(&fields),
        };
        self.log.incidents.push(LoggedIncident {
            number: external(number),
            title: Title::parse("the mail is slow").unwrap(),
            description: None,
            opened_at: minute_at(0),
            opened_by: Some(olga),
            reported_by: None,
            opening: Arc::clone(&fields),
            resolution_note: Some(Note::parse("rebooted").unwrap()),
            updates: (1..).zip(standings).map(update).collect(),
            tasks: Vec::new(),
        });
        self.log.incidents.last_mut().unwrap()
    }
}

/// Returns fields with only a priority.
pub(crate) fn fields() -> LoggedFields {
    LoggedFields {
        priority: Priority::Medium,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        assigned_to: None,
    }
}

pub(crate) fn person(name: &str) -> Person {
    Person {
        name: PersonName::parse(name).unwrap(),
        email: Email::parse(format!("{}@legacy.invalid", name.to_lowercase())).unwrap(),
    }
}

pub(crate) fn external(name: &str) -> ExternalName {
    ExternalName::parse(name).unwrap()
}

/// Returns the time this many minutes after the start of a day in 2016.
pub(crate) fn minute_at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_456_704_000, 0).unwrap() + TimeDelta::minutes(minute)
}
