//! A change set as rows and statements.

use incident_domain::{Change, ChangeSet, Expected, Incident, IncidentId, Version};
use sea_orm::Value;

use super::table::{Table, values_of};
use crate::row::{action, event, incident, session, timeline_entry, user};

/// What one change does to the tables.
pub(super) enum Step {
    Insert { table: Table, row: Vec<Value> },
    Guarded(Guarded),
}

/// A statement that changes one incident if it is as expected, and nothing otherwise.
pub(super) struct Guarded {
    pub(super) incident: IncidentId,
    pub(super) effect: Effect,
    pub(super) values: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Update { expected: Expected, left: Expected },
    Delete { expected: Version },
}

impl Effect {
    /// What is there for the next one to expect; nothing after a deletion.
    pub(super) const fn left(self) -> Option<Expected> {
        match self {
            Self::Update { left, .. } => Some(left),
            Self::Delete { .. } => None,
        }
    }

    /// Whether its guard holds on what another one has left.
    pub(super) fn may_follow(self, left: Option<Expected>) -> bool {
        match self {
            Self::Update { expected, .. } => left == Some(expected),
            // A remark keeps the version, and does not stand in the way of a deletion.
            Self::Delete { expected } => left.is_some_and(|left| left.version == expected),
        }
    }
}

pub(super) fn steps_of(changes: &ChangeSet) -> Vec<Step> {
    changes.changes().iter().map(step_of).collect()
}

fn step_of(change: &Change) -> Step {
    let insert = |table, row| Step::Insert { table, row };
    match change {
        Change::InsertUser(user) => insert(Table::Users, values_of(user::Model::from(&**user))),
        Change::InsertSession(session) => insert(Table::Sessions, values_of(session::Model::from(&**session))),
        Change::InsertIncident(incident) => insert(Table::Incidents, values_of(incident::Model::from(&**incident))),
        Change::InsertEntry(entry) => insert(Table::TimelineEntries, values_of(timeline_entry::Model::from(&**entry))),
        Change::InsertAction(action) => insert(Table::Actions, values_of(action::Model::from(&**action))),
        Change::InsertEvent(event) => insert(Table::Events, values_of(event::Model::unpositioned(event))),
        Change::UpdateIncident { incident, expected } => Step::Guarded(update(incident, *expected)),
        Change::DeleteIncident { id, expected } => Step::Guarded(delete(*id, *expected)),
    }
}

/// The values in the order of [`Sql::update`](super::sql::Sql::update): every column but the id, then the
/// id and what is expected.
fn update(incident: &Incident, expected: Expected) -> Guarded {
    let mut values = values_of(incident::Model::from(incident));
    values.rotate_left(1);
    values.push(i64::from(expected.version.get()).into());
    values.push(i64::from(expected.timeline_length).into());
    let left = Expected { version: incident.version, timeline_length: incident.timeline_length };
    Guarded { incident: incident.id, effect: Effect::Update { expected, left }, values }
}

fn delete(id: IncidentId, expected: Version) -> Guarded {
    let values = vec![id.as_uuid().into(), i64::from(expected.get()).into()];
    Guarded { incident: id, effect: Effect::Delete { expected }, values }
}
