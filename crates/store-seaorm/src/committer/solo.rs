//! Changes that no other set shares a transaction with: those of users, sessions, tokens, kept replies, tasks,
//! categories and saved views that are not plain inserts. They are rare beside those of incidents, and many depend on what their own set has done
//! before them. Their statements are built each time; the database still knows their texts.

use std::collections::BTreeMap;

use incident_domain::{
    ApiTokenSelection, Category, RefreshTokenId, Revocation, SavedView, SessionSelection, Spending, Task, Timestamp,
    User, UserId, Version,
};
use sea_orm::{
    ColumnTrait, Condition, Value,
    sea_query::{
        DeleteStatement, Expr, ExprTrait, Order, Query, SelectStatement, TableRef, UnionType, UpdateStatement,
        ValueTuple,
    },
};
use uuid::Uuid;

use super::{
    referred::Referred,
    table::{Table, values_of},
};
use crate::{
    read::few_lengths,
    row::{api_token, category, idempotent_reply, refresh_token, saved_view, session, task, user},
};

/// How many touches one statement makes: in PostgreSQL's case, as many as fit into what is sent at once.
const TOUCHES_PER_STATEMENT_MAX: usize = 256;

pub(super) enum Solo {
    /// Finds the row that is expected, and keeps it from being changed until the set is stored.
    Expect { query: SelectStatement, subject: Referred },
    /// Changes the row that is expected.
    Update { statement: UpdateStatement, subject: Referred },
    /// Deletes the row that is expected, unless something refers to it.
    Delete { statement: DeleteStatement, subject: Referred },
    /// Changes whatever there is.
    UpdateAll(UpdateStatement),
    /// Deletes whatever there is.
    DeleteAll(DeleteStatement),
}

/// Moves the time at which something was last heard of forwards.
#[derive(Clone, Copy)]
pub(super) struct Touch {
    pub(super) kind: Touched,
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Touched {
    Session,
    ApiToken,
}

pub(super) fn update_user(user: &User, expected: Version) -> Solo {
    update(Referred::User(user.id), expected, values_of(user::Model::from(user)))
}

pub(super) fn update_category(category: &Category, expected: Version) -> Solo {
    update(Referred::Category(category.id), expected, values_of(category::Model::from(category)))
}

pub(super) fn update_task(task: &Task, expected: Version) -> Solo {
    update(Referred::Task(task.id), expected, values_of(task::Model::from(task)))
}

pub(super) fn update_saved_view(view: &SavedView, expected: Version) -> Solo {
    update(Referred::SavedView(view.id), expected, values_of(saved_view::Model::from(view)))
}

/// Writes every column of a row but its id, the first of them.
fn update(subject: Referred, expected: Version, row: Vec<Value>) -> Solo {
    let (table, id) = subject.row();
    let changed = table.columns().into_iter().zip(row).skip(1);
    let statement = Query::update()
        .table(table.name())
        .values(changed.map(|(column, value)| (column, Expr::val(value))))
        .cond_where(as_expected(id, expected))
        .take();
    Solo::Update { statement, subject }
}

pub(super) fn delete(subject: Referred, expected: Version) -> Solo {
    let (table, id) = subject.row();
    let statement = Query::delete().from_table(table.name()).cond_where(as_expected(id, expected)).take();
    Solo::Delete { statement, subject }
}

/// Shared, so that a user may sign in on several devices at once, but nobody changes the user meanwhile.
pub(super) fn expect_user(id: UserId, expected: Version) -> Solo {
    let mut query = Query::select().column(user::Column::Id).from(user::Entity).take();
    let query = query.cond_where(as_expected(id.as_uuid(), expected)).lock_shared().take();
    Solo::Expect { query, subject: Referred::User(id) }
}

fn as_expected(id: Uuid, expected: Version) -> Condition {
    let version = i64::from(expected.get());
    Condition::all().add(Expr::col("id").eq(id)).add(Expr::col("version").eq(version))
}

pub(super) fn revoke_sessions(selection: &SessionSelection, revocation: &Revocation) -> Solo {
    use session::Column;
    let of_user = |id: &UserId| Column::UserId.eq(id.as_uuid());
    let selected = match selection {
        SessionSelection::One(id) => Some(Column::Id.eq(id.as_uuid())),
        SessionSelection::OfUser(user) => Some(of_user(user)),
        SessionSelection::OthersOfUser { user_id, kept } => Some(of_user(user_id).and(Column::Id.ne(kept.as_uuid()))),
        SessionSelection::All => None,
    };
    let statement = Query::update()
        .table(session::Entity)
        .value(Column::RevokedAt, revocation.at)
        .value(Column::RevokedBecause, revocation.because.as_str())
        .cond_where(Condition::all().add(Column::RevokedAt.is_null()).add_option(selected))
        .take();
    Solo::UpdateAll(statement)
}

/// Each way to end is looked up in the index of its own. Asked for both at once and in the order of ids, SQLite
/// would read all sessions in that order, and nearly always find that hardly any has ended.
pub(super) fn purge_sessions(ended_before: Timestamp, sessions_max: u32) -> Solo {
    use session::Column;
    let before =
        |end: Column| Query::select().column(Column::Id).from(session::Entity).and_where(end.lt(ended_before)).take();
    let ended = before(Column::ExpiresAt).union(UnionType::Distinct, before(Column::RevokedAt)).take();
    let first_made = Query::select()
        .column(Column::Id)
        .from_subquery(ended, "ended")
        .order_by(Column::Id, Order::Asc)
        .limit(u64::from(sessions_max))
        .take();
    let statement = Query::delete().from_table(session::Entity).and_where(Column::Id.in_subquery(first_made)).take();
    Solo::DeleteAll(statement)
}

pub(super) fn purge_replies(expired_before: Timestamp, replies_max: u32) -> Solo {
    use idempotent_reply::Column;
    let expired_first = Query::select()
        .columns([Column::UserId, Column::IdempotencyKey])
        .from(idempotent_reply::Entity)
        .and_where(Column::ExpiresAt.lt(expired_before))
        .order_by(Column::ExpiresAt, Order::Asc)
        .limit(u64::from(replies_max))
        .take();
    let key = Expr::tuple([Expr::col(Column::UserId), Expr::col(Column::IdempotencyKey)]);
    let statement =
        Query::delete().from_table(idempotent_reply::Entity).and_where(key.in_subquery(expired_first)).take();
    Solo::DeleteAll(statement)
}

pub(super) fn spend_refresh_token(id: RefreshTokenId, spending: Spending, at: Timestamp) -> Solo {
    use refresh_token::Column;
    let statement = Query::update()
        .table(refresh_token::Entity)
        .value(Column::SpentHow, spending.as_str())
        .value(Column::SpentAt, at)
        .and_where(Column::Id.eq(id.as_uuid()))
        .and_where(Column::SpentHow.is_null())
        .take();
    Solo::Update { statement, subject: Referred::RefreshToken(id) }
}

pub(super) fn revoke_api_tokens(selection: &ApiTokenSelection, at: Timestamp) -> Solo {
    use api_token::Column;
    let selected = match selection {
        ApiTokenSelection::One(id) => Column::Id.eq(id.as_uuid()),
        ApiTokenSelection::OfUser(user) => Column::UserId.eq(user.as_uuid()),
    };
    let statement = Query::update()
        .table(api_token::Entity)
        .value(Column::RevokedAt, at)
        .and_where(Column::RevokedAt.is_null())
        .and_where(selected)
        .take();
    Solo::UpdateAll(statement)
}

/// Statements that make many touches: a process that saves them up makes hundreds at once. Each thing is
/// touched by one of them only, at the latest time given.
pub(super) fn touch(kind: Touched, latest: BTreeMap<Uuid, Timestamp>) -> Vec<UpdateStatement> {
    let touches: Vec<(Uuid, Timestamp)> = latest.into_iter().collect();
    touches.chunks(TOUCHES_PER_STATEMENT_MAX).map(|touches| touch_statement(kind, touches.to_vec())).collect()
}

fn touch_statement(kind: Touched, touches: Vec<(Uuid, Timestamp)>) -> UpdateStatement {
    let (table, column) = match kind {
        Touched::Session => (Table::Sessions.name(), "last_seen_at"),
        Touched::ApiToken => (Table::ApiTokens.name(), "last_used_at"),
    };
    // Both databases call the columns of such a list by these names.
    let (id, at) = (Expr::col(("heard", "column1")), Expr::col(("heard", "column2")));
    let rows = few_lengths(touches).into_iter().map(|(id, at)| ValueTuple::Two(id.into(), at.into())).collect();
    let stored = Expr::col((table, column));
    Query::update()
        .table(table)
        .from(TableRef::ValuesList(rows, "heard".into()))
        .value(column, at.clone())
        .and_where(Expr::col((table, "id")).eq(id))
        .and_where(stored.clone().is_null().or(stored.lt(at)))
        .take()
}
