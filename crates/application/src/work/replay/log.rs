//! What another system's log says, before it is replayed.

use std::{collections::HashMap, sync::Arc};

use incident_domain::{
    identity::Email,
    incidents::{HoldReason, Impact, Labels, Priority, Status, Urgency},
    kernel::{Description, ExternalName, Label, Note, PersonName, Timestamp, Title},
};

/// The incidents of another system and the people they name.
#[derive(Clone, Debug)]
pub struct ForeignLog {
    /// The other system, such as `servicenow`.
    pub source: ExternalName,
    /// The people named by the incidents.
    pub people: People,
    /// The incidents, each number once.
    pub incidents: Vec<LoggedIncident>,
}

/// A person named by a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What the log calls them.
    pub name: PersonName,
    /// The address by which they are recognised at the next import.
    pub email: Email,
}

/// Identifies one of the [`People`] of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(usize);

/// The people of a log, each once.
#[derive(Clone, Debug, Default)]
pub struct People {
    people: Vec<Person>,
    by_email: HashMap<Email, PersonKey>,
}

impl People {
    /// Returns the key of a person, who is added if the address is new; the first name that is given counts.
    pub fn key_of(&mut self, person: Person) -> PersonKey {
        let next = PersonKey(self.people.len());
        let key = *self.by_email.entry(person.email.clone()).or_insert(next);
        if key == next {
            self.people.push(person);
        }
        key
    }

    /// Returns the person that a key identifies.
    pub fn get(&self, key: PersonKey) -> Option<&Person> {
        self.people.get(key.0)
    }
}

/// One incident of a log.
#[derive(Clone, Debug)]
pub struct LoggedIncident {
    /// Its number in the other system.
    pub number: ExternalName,
    /// What it is about.
    pub title: Title,
    /// What else was known, if the log says so.
    pub description: Option<Description>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who opened it, if the log says so.
    pub opened_by: Option<PersonKey>,
    /// Who reported it, if the log says so.
    pub reported_by: Option<PersonKey>,
    /// What was known when it was opened.
    pub opening: Arc<LoggedFields>,
    /// What the log says about how it ended.
    pub resolution_note: Option<Note>,
    /// Everything that happened to it, in the log's order.
    pub updates: Vec<LoggedUpdate>,
    /// The tasks for it, if the log says so.
    pub tasks: Vec<LoggedTask>,
}

/// What a log says about an incident at one moment.
#[derive(Clone, Debug)]
pub struct LoggedUpdate {
    /// The line of the log, for reports.
    pub line: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it, if the log says so; otherwise the other system.
    pub by: Option<PersonKey>,
    /// Who resolved the incident, if this is the update that did, and the log names another person than `by`.
    pub resolved_by: Option<PersonKey>,
    /// The incident's status afterwards.
    pub standing: Standing,
    /// The comment that came with it.
    pub comment: Option<Note>,
    /// All its fields afterwards; shared with the update before it where nothing changed.
    pub fields: Arc<LoggedFields>,
}

/// A task for an incident of a log.
#[derive(Clone, Debug)]
pub struct LoggedTask {
    /// What is to be done.
    pub title: Title,
    /// How important it is.
    pub priority: Priority,
    /// Who created it.
    pub by: PersonKey,
    /// Who is to do it.
    pub assigned_to: Option<PersonKey>,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// With which of the incident's updates it was added, counted from 0.
    pub added_with: usize,
    /// With which of them, a later one, it was done, by the person who made the update.
    pub done_with: Option<usize>,
}

/// The fields of an incident at one moment of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedFields {
    /// How important it is.
    pub priority: Priority,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How soon it hurts.
    pub urgency: Option<Urgency>,
    /// What is affected.
    pub service: Option<Label>,
    /// What kind of trouble it is.
    pub category: Option<Label>,
    /// Everything else that is kept.
    pub labels: Labels,
    /// Who works on it.
    pub assigned_to: Option<PersonKey>,
}

/// The statuses that a log can claim: those that need no data beyond the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Not acknowledged yet.
    Open,
    /// In work.
    Investigating,
    /// On hold.
    OnHold(HoldReason),
    /// Resolved.
    Resolved,
    /// Closed.
    Closed,
    /// Cancelled.
    Cancelled,
}

impl Standing {
    /// Returns the status of the domain.
    pub const fn status(self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Investigating => Status::Investigating,
            Self::OnHold(_) => Status::OnHold,
            Self::Resolved => Status::Resolved,
            Self::Closed => Status::Closed,
            Self::Cancelled => Status::Cancelled,
        }
    }

    /// Returns what it waits for, if it is on hold.
    pub const fn hold_reason(self) -> Option<HoldReason> {
        match self {
            Self::OnHold(reason) => Some(reason),
            Self::Open | Self::Investigating | Self::Resolved | Self::Closed | Self::Cancelled => None,
        }
    }

    /// Returns true if the work is done; what was cancelled was not.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }
}

impl LoggedIncident {
    /// Returns the people named by this incident, possibly with duplicates.
    pub(super) fn people(&self) -> impl Iterator<Item = PersonKey> {
        let of_opening = [self.opened_by, self.reported_by, self.opening.assigned_to];
        let of_update = |update: &LoggedUpdate| [update.by, update.resolved_by, update.fields.assigned_to];
        let of_task = |task: &LoggedTask| [Some(task.by), task.assigned_to];
        let of_work = self.updates.iter().flat_map(of_update).chain(self.tasks.iter().flat_map(of_task));
        of_opening.into_iter().chain(of_work).flatten()
    }
}
