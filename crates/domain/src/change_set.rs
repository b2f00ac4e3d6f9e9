//! A write is a value: everything one command changes, to be stored all or not at all.

use crate::{Action, Event, Expected, Incident, IncidentId, Revision, Session, TimelineEntry, User, Version};

/// One typed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new user.
    InsertUser(Box<User>),
    /// A new session.
    InsertSession(Box<Session>),
    /// A new incident.
    InsertIncident(Box<Incident>),
    /// All fields of an incident anew, if the stored one is as expected.
    UpdateIncident {
        /// The incident as it is to be.
        incident: Box<Incident>,
        /// What the writer has read.
        expected: Expected,
    },
    /// An incident away, and its timeline with it, if the stored one is as expected.
    DeleteIncident {
        /// Which one.
        id: IncidentId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new line of a timeline.
    InsertEntry(Box<TimelineEntry>),
    /// A new audit record.
    InsertAction(Box<Action>),
    /// A new event at the end of the log.
    InsertEvent(Box<Event>),
}

/// Everything one command changes, in order: what is referred to comes before what refers to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a change set does nothing until it is committed"]
pub struct ChangeSet(Vec<Change>);

impl ChangeSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one change.
    pub fn with(mut self, change: Change) -> Self {
        self.0.push(change);
        self
    }

    /// Adds a new user.
    pub fn with_user(self, user: User) -> Self {
        self.with(Change::InsertUser(Box::new(user)))
    }

    /// Adds a new session.
    pub fn with_session(self, session: Session) -> Self {
        self.with(Change::InsertSession(Box::new(session)))
    }

    /// Adds an incident as it was opened or changed, with its new timeline entries.
    pub fn with_revision(mut self, revision: Revision) -> Self {
        let (expected, incident, entries) = revision.into_parts();
        let incident = Box::new(incident);
        self.0.push(match expected {
            None => Change::InsertIncident(incident),
            Some(expected) => Change::UpdateIncident { incident, expected },
        });
        self.0.extend(entries.into_iter().map(|entry| Change::InsertEntry(Box::new(entry))));
        self
    }

    /// Adds the removal of an incident.
    pub fn with_incident_deleted(self, incident: &Incident) -> Self {
        self.with(Change::DeleteIncident { id: incident.id, expected: incident.version })
    }

    /// Adds an audit record.
    pub fn with_action(self, action: Action) -> Self {
        self.with(Change::InsertAction(Box::new(action)))
    }

    /// Adds events.
    pub fn with_events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.0.extend(events.into_iter().map(|event| Change::InsertEvent(Box::new(event))));
        self
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// The changes, in order, to keep.
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

impl FromIterator<Change> for ChangeSet {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self(changes.into_iter().collect())
    }
}
