//! A change set as rows and statements.

use incident_domain::{Change, ChangeSet, Expected, Incident, IncidentId, Version};
use sea_orm::Value;

use super::{
    referred::Referred,
    solo::{self, Solo, Touch, Touched},
    table::{Row, Table, values_of},
};
use crate::{
    row::{
        action, api_token, category, event, idempotent_reply, incident, refresh_token, saved_view,
        search_text::SearchText, session, task, timeline_entry, user,
    },
    search_texts::{TextChange, text_changes_of},
};

/// What one change does to the tables.
pub(super) enum Step {
    Insert {
        table: Table,
        row: Row,
    },
    /// Writes the words anew that an incident is found by.
    Rewrite(SearchText),
    Guarded(Guarded),
    Touch(Touch),
    Solo(Box<Solo>),
}

impl Step {
    /// Whether it can be carried out among those of other sets.
    const fn can_share(&self) -> bool {
        match self {
            Self::Insert { .. } | Self::Rewrite(_) | Self::Guarded(_) => true,
            Self::Touch(_) | Self::Solo(_) => false,
        }
    }
}

/// Whose transaction something is stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// One for many sets.
    Shared,
    /// One of its own.
    Alone,
    /// One of its own, in as few statements as many sets take together.
    AloneAsMany,
}

/// The most guarded statements of a set that shares a transaction: when a later one of them fails, all sets that share
/// it are stored one by one.
const GUARDS_SHARED_MAX: usize = 8;

impl Sharing {
    /// Whose transaction a set with these steps is stored in.
    pub(super) fn of(steps: &[Step]) -> Self {
        let guards = steps.iter().filter(|step| matches!(step, Step::Guarded(_))).count();
        if !steps.iter().all(Step::can_share) {
            Self::Alone
        } else if guards > GUARDS_SHARED_MAX {
            Self::AloneAsMany
        } else {
            Self::Shared
        }
    }
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

/// One step for each change, and after them those that the words need that incidents are found by.
pub(super) fn steps_of(changes: &ChangeSet) -> Vec<Step> {
    let texts = text_changes_of(changes).into_iter().map(|text| match text {
        TextChange::Insert(text) => Step::Insert { table: Table::SearchTexts, row: text.into_values() },
        TextChange::Rewrite(text) => Step::Rewrite(text),
    });
    changes.changes().iter().map(step_of).chain(texts).collect()
}

fn step_of(change: &Change) -> Step {
    let insert = |table, row| Step::Insert { table, row };
    let alone = |solo| Step::Solo(Box::new(solo));
    match change {
        Change::InsertUser(user) => insert(Table::Users, values_of(user::Model::from(&**user))),
        Change::InsertSession(session) => insert(Table::Sessions, values_of(session::Model::from(&**session))),
        Change::InsertIncident(incident) => insert(Table::Incidents, values_of(incident::Model::from(&**incident))),
        Change::InsertEntry(entry) => insert(Table::TimelineEntries, values_of(timeline_entry::Model::from(&**entry))),
        Change::InsertAction(action) => insert(Table::Actions, values_of(action::Model::from(&**action))),
        Change::InsertEvent(event) => insert(Table::Events, values_of(event::Model::unpositioned(event))),
        Change::InsertReply(reply) => {
            insert(Table::IdempotentReplies, values_of(idempotent_reply::Model::from(&**reply)))
        }
        Change::UpdateIncident { incident, expected } => Step::Guarded(update(incident, *expected)),
        Change::DeleteIncident { id, expected } => Step::Guarded(delete(*id, *expected)),
        Change::InsertRefreshToken(token) => {
            insert(Table::RefreshTokens, values_of(refresh_token::Model::from(&**token)))
        }
        Change::InsertApiToken(token) => insert(Table::ApiTokens, values_of(api_token::Model::from(&**token))),
        Change::InsertCategory(category) => insert(Table::Categories, values_of(category::Model::from(&**category))),
        Change::InsertTask(task) => insert(Table::Tasks, values_of(task::Model::from(&**task))),
        Change::InsertSavedView(view) => insert(Table::SavedViews, values_of(saved_view::Model::from(&**view))),
        Change::UpdateCategory { category, expected } => alone(solo::update_category(category, *expected)),
        Change::DeleteCategory { id, expected } => alone(solo::delete(Referred::Category(*id), *expected)),
        Change::UpdateTask { task, expected } => alone(solo::update_task(task, *expected)),
        Change::DeleteTask { id, expected } => alone(solo::delete(Referred::Task(*id), *expected)),
        Change::UpdateSavedView { view, expected } => alone(solo::update_saved_view(view, *expected)),
        Change::DeleteSavedView { id, expected } => alone(solo::delete(Referred::SavedView(*id), *expected)),
        Change::UpdateUser { user, expected } => alone(solo::update_user(user, *expected)),
        Change::ExpectUser { id, expected } => alone(solo::expect_user(*id, *expected)),
        Change::DeleteUser { id, expected } => alone(solo::delete(Referred::User(*id), *expected)),
        Change::RevokeSessions { selection, revocation } => alone(solo::revoke_sessions(selection, revocation)),
        Change::PurgeSessions { ended_before, sessions_max } => {
            alone(solo::purge_sessions(*ended_before, *sessions_max))
        }
        Change::PurgeReplies { expired_before, replies_max } => {
            alone(solo::purge_replies(*expired_before, *replies_max))
        }
        Change::SpendRefreshToken { id, spending, at } => alone(solo::spend_refresh_token(*id, *spending, *at)),
        Change::RevokeApiTokens { selection, at } => alone(solo::revoke_api_tokens(selection, *at)),
        Change::TouchSession { id, seen_at } => {
            Step::Touch(Touch { kind: Touched::Session, id: id.as_uuid(), at: *seen_at })
        }
        Change::TouchApiToken { id, used_at } => {
            Step::Touch(Touch { kind: Touched::ApiToken, id: id.as_uuid(), at: *used_at })
        }
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
