//! Change sets as rows and statements.

use incident_domain::{
    identity::RefreshToken,
    incidents::Incident,
    kernel::{RecordId, Version, Versioned},
    match_editable, match_editable_id, match_record,
    write::{Change, ChangeSet},
};
use sea_orm::sea_query::{DeleteStatement, Expr, ExprTrait, Query, SelectStatement, UpdateStatement};

use super::guarded::{Guarded, RowState};
use super::touches::Touch;
use crate::{
    identity::{api_token, refresh_token, session},
    incidents::search::{
        changes::{TextChange, text_changes_of},
        text::{SEARCH_TEXTS, SearchText},
    },
    kernel::{lease, reply},
    record::{Row as _, StoredRecord, Values},
    table::{RowId, Table},
};

/// What one change does to the tables.
pub(super) enum Step {
    Insert {
        table: &'static Table,
        row: Values,
    },
    Guarded(Guarded),
    /// Replaces the words by which an incident is found.
    ReplaceText(SearchText),
    Touch(Touch),
    Standalone(Box<StandaloneStatement>),
}

/// A statement that is not combined with others. These are rare beside changes of incidents, and many depend on what
/// their own set has done before.
pub(super) struct StandaloneStatement {
    pub(super) statement: AnyStatement,
    pub(super) if_nothing: IfNothing,
}

pub(super) enum AnyStatement {
    Select(SelectStatement),
    Update(UpdateStatement),
    Delete(DeleteStatement),
}

/// What it means that a statement has found nothing.
#[derive(Clone, Copy)]
pub(super) enum IfNothing {
    Accept,
    RefuseAsStale,
    /// The set is refused because the row has changed, or does not exist.
    RefuseBecauseOf(RowId),
}

/// Whose transaction a set is stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// One for many sets.
    Shared,
    /// One of its own, statement by statement.
    Solo,
    /// One of its own, with its rows combined as those of many sets are.
    SoloBatched,
}

/// The most guarded statements of a set that shares a transaction: if one but the first fails, all sets of the
/// transaction are stored one by one.
const GUARDS_SHARED_MAX: usize = 8;

impl Sharing {
    /// Returns whose transaction a set with these steps is stored in.
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut guards = 0;
        let mut inserted = 0_u64;
        for step in steps {
            match step {
                Step::Insert { table, .. } => inserted |= 1 << table.position,
                Step::ReplaceText(_) => {}
                // In a batch, guarded statements precede inserts, and would not see a row of their own set.
                Step::Guarded(Guarded { row, .. })
                    if row.table.batching.shares_guards && inserted & (1 << row.table.position) == 0 =>
                {
                    guards += 1;
                }
                Step::Guarded(_) | Step::Touch(_) | Step::Standalone(_) => return Self::Solo,
            }
        }
        if guards > GUARDS_SHARED_MAX { Self::SoloBatched } else { Self::Shared }
    }
}

/// Returns one step for each change, and after them those for the words by which incidents are found.
pub(super) fn steps_of(changes: &ChangeSet) -> Vec<Step> {
    let texts = text_changes_of(changes).into_iter().map(|text| match text {
        TextChange::Insert(text) => Step::Insert { table: &SEARCH_TEXTS, row: text.into_values() },
        TextChange::Replace(text) => Step::ReplaceText(text),
    });
    changes.changes().iter().map(step_of).chain(texts).collect()
}

fn step_of(change: &Change) -> Step {
    use AnyStatement::{Delete, Select, Update};
    use IfNothing::{Accept, RefuseAsStale, RefuseBecauseOf};
    match change {
        Change::Insert(record) => match_record!(record, record => insert(&**record)),
        Change::Update { record, expected } => match_editable!(record, record => update(&**record, *expected)),
        Change::Delete { id, expected } => {
            match_editable_id!(*id, (id, R) => Step::Guarded(Guarded::delete::<R>(id, *expected)))
        }
        Change::Expect { id, expected } => match_editable_id!(*id, (id, R) => {
            let row = RowId { table: R::TABLE, id: id.uuid() };
            standalone(Select(locked(row, *expected)), RefuseBecauseOf(row))
        }),
        Change::UpdateIncident { incident, expected } => {
            let expected = RowState { version: expected.version, length: Some(expected.timeline_length) };
            let left = RowState { version: incident.version, length: Some(incident.timeline_length) };
            Step::Guarded(Guarded::update(&**incident, expected, left))
        }
        Change::DeleteIncident { id, expected } => Step::Guarded(Guarded::delete::<Incident>(*id, *expected)),
        Change::RevokeSessions { selection, revocation } => {
            standalone(Update(session::revoke(selection, revocation)), Accept)
        }
        Change::TouchSession { id, seen_at } => {
            Step::Touch(Touch { column: session::LAST_SEEN_AT, id: id.uuid(), at: *seen_at })
        }
        Change::PurgeSessions { ended_before, sessions_max } => {
            standalone(Delete(session::purge(*ended_before, *sessions_max)), Accept)
        }
        Change::SpendRefreshToken { id, spending, at } => {
            let row = RowId { table: RefreshToken::TABLE, id: id.uuid() };
            standalone(Update(refresh_token::spend(*id, *spending, *at)), RefuseBecauseOf(row))
        }
        Change::RevokeApiTokens { selection, at } => standalone(Update(api_token::revoke(selection, *at)), Accept),
        Change::TouchApiToken { id, used_at } => {
            Step::Touch(Touch { column: api_token::LAST_USED_AT, id: id.uuid(), at: *used_at })
        }
        Change::PurgeReplies { expired_before, replies_max } => {
            standalone(Delete(reply::purge(*expired_before, *replies_max)), Accept)
        }
        Change::HoldsLease { name, fence } => standalone(Select(lease::held(name, *fence)), RefuseAsStale),
    }
}

fn insert<R: StoredRecord>(record: &R) -> Step {
    Step::Insert { table: R::TABLE, row: record.to_row().into_inserted() }
}

fn update<R: StoredRecord<Id: RecordId> + Versioned>(record: &R, expected: Version) -> Step {
    Step::Guarded(Guarded::update(record, expected.into(), record.version().into()))
}

fn standalone(statement: AnyStatement, if_nothing: IfNothing) -> Step {
    Step::Standalone(Box::new(StandaloneStatement { statement, if_nothing }))
}

/// Selects a row of this version, and keeps it from being changed until the transaction ends. The lock is shared, so
/// that a user may sign in on several devices at once.
fn locked(row: RowId, expected: Version) -> SelectStatement {
    Query::select()
        .column("id")
        .from((row.table.name)())
        .and_where(Expr::col("id").eq(row.id))
        .and_where(Expr::col("version").eq(i64::from(expected.get())))
        .lock_shared()
        .take()
}
