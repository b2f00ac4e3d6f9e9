//! What another system's log says, before it is replayed.

use std::{collections::HashMap, sync::Arc};

use incident_domain::{
    Description, Email, ExternalName, HoldReason, Impact, Label, Labels, Note, PersonName, Priority, Status, Timestamp,
    Title, Urgency,
};

/// The incidents of another system and the people they name.
#[derive(Clone, Debug)]
pub struct ForeignLog {
    /// The other system, such as `servicenow`.
    pub source: ExternalName,
    /// Everybody whom the incidents name.
    pub people: People,
    /// The incidents, each number once.
    pub incidents: Vec<LoggedIncident>,
}

/// Somebody whom a log names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What the log calls them.
    pub name: PersonName,
    /// The address by which they are recognised at the next import.
    pub email: Email,
}

/// Stands for one of the [`People`] of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(usize);

/// The people of a log, each once.
#[derive(Clone, Debug, Default)]
pub struct People {
    people: Vec<Person>,
    by_email: HashMap<Email, PersonKey>,
}

impl People {
    /// The key of this person, who is added if the address is new; the first name that is given counts.
    pub fn key_of(&mut self, person: Person) -> PersonKey {
        let next = PersonKey(self.people.len());
        let key = *self.by_email.entry(person.email.clone()).or_insert(next);
        if key == next {
            self.people.push(person);
        }
        key
    }

    /// The person for whom a key stands.
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
    /// What else was known, if the log tells.
    pub description: Option<Description>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who opened it, if the log tells.
    pub opened_by: Option<PersonKey>,
    /// Who reported it, if the log tells.
    pub reported_by: Option<PersonKey>,
    /// What was known when it was opened.
    pub opening: Arc<LoggedFields>,
    /// What the log says about how it ended.
    pub resolution_note: Option<Note>,
    /// Everything that happened to it, in the log's order.
    pub updates: Vec<LoggedUpdate>,
    /// What was to be done for it, if the log tells.
    pub tasks: Vec<LoggedTask>,
}

/// What a log says about an incident at one moment.
#[derive(Clone, Debug)]
pub struct LoggedUpdate {
    /// Where the log says so; only for reports.
    pub line: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it, if the log tells; the other system itself otherwise.
    pub by: Option<PersonKey>,
    /// Who resolved the incident, if this is the update that did and the log tells somebody else than `by`.
    pub resolved_by: Option<PersonKey>,
    /// Where the incident stands afterwards.
    pub standing: Standing,
    /// What whoever did it said with it.
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
    /// Who thought of it.
    pub by: PersonKey,
    /// Who is to do it.
    pub assigned_to: Option<PersonKey>,
    /// Until when.
    pub due_at: Option<Timestamp>,
    /// With which of the incident's updates it was added, counted from 0.
    pub added_with: usize,
    /// With which of them it was done, by whoever made the update; a later one.
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
    /// Everything else that is worth keeping.
    pub labels: Labels,
    /// Who works on it.
    pub assigned_to: Option<PersonKey>,
}

/// The statuses that a log can claim: those that need nothing but what a log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody has taken it up.
    Open,
    /// Somebody works on it.
    Investigating,
    /// It waits.
    OnHold(HoldReason),
    /// It is solved.
    Resolved,
    /// It is over.
    Closed,
}

impl Standing {
    /// The status of the domain.
    pub const fn status(self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Investigating => Status::Investigating,
            Self::OnHold(_) => Status::OnHold,
            Self::Resolved => Status::Resolved,
            Self::Closed => Status::Closed,
        }
    }

    /// What it waits for, if it waits.
    pub const fn hold_reason(self) -> Option<HoldReason> {
        match self {
            Self::OnHold(reason) => Some(reason),
            Self::Open | Self::Investigating | Self::Resolved | Self::Closed => None,
        }
    }

    /// Whether the work is done.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }
}

impl LoggedIncident {
    /// Everybody whom this incident names, some of them more than once.
    pub(super) fn people(&self) -> impl Iterator<Item = PersonKey> {
        let of_opening = [self.opened_by, self.reported_by, self.opening.assigned_to];
        let of_update = |update: &LoggedUpdate| [update.by, update.resolved_by, update.fields.assigned_to];
        let of_task = |task: &LoggedTask| [Some(task.by), task.assigned_to];
        let of_work = self.updates.iter().flat_map(of_update).chain(self.tasks.iter().flat_map(of_task));
        of_opening.into_iter().chain(of_work).flatten()
    }
}
