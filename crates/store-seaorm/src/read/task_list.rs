//! The query behind every list of tasks.
//!
//! What a list by cursor reads does not depend on how many tasks there are, when it is by id and has at most one
//! condition, on anything but the due date, or when it is in another order and has no condition but one on what it is
//! ordered by. Of several conditions, one finds and the others are checked. What is wanted of one incident, category
//! or user in another order than by id is read as a whole and sorted.

use incident_domain::{Priority, TaskFilter, TaskSort, TaskSortKey, TaskStatus};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{
    branches::{Key, WorkList},
    conditions::{Use, column, in_range},
    order::Reach,
};
use crate::row::task::{Column, Entity};

/// The tasks that a filter matches, in an order.
pub(super) fn part(backend: DbBackend, filter: &TaskFilter, sort: TaskSort, reach: &Reach) -> Select<Entity> {
    let key = match sort.key {
        TaskSortKey::CreatedAt => Key::Id,
        TaskSortKey::UpdatedAt => Key::Of(Expr::col(Column::UpdatedAt.as_column_ref())),
        TaskSortKey::DueAt => Key::Of(due_order()),
        TaskSortKey::Priority => Key::Priority,
    };
    let list = WorkList {
        id: Column::Id,
        status: Column::Status,
        priority: Column::Priority,
        key,
        direction: sort.direction,
        matching: condition(backend, filter, sort.key),
        statuses: filter.statuses.iter().copied().map(TaskStatus::as_str).collect(),
        priorities: &filter.priorities,
        has_other_index: filter.incident_id.is_some()
            || filter.category_id.is_some()
            || filter.assigned_to.is_some()
            || filter.created_by.is_some(),
    };
    list.part(backend, reach)
}

/// What [`TaskFilter::matches`] says, in SQL, for a list in the order of a key.
pub(super) fn condition(backend: DbBackend, filter: &TaskFilter, key: TaskSortKey) -> Condition {
    let by_id = matches!(key, TaskSortKey::CreatedAt | TaskSortKey::Priority);
    let of_use = if by_id { Use::ToFind } else { Use::ToCheck };
    let col = |of: Column| column(backend, Expr::col(of.as_column_ref()), of_use);
    let statuses = filter.statuses.iter().copied().map(TaskStatus::as_str);
    let priorities = filter.priorities.iter().copied().map(Priority::as_str);
    let due_at = Expr::col(Column::DueAt.as_column_ref());
    let due = if key == TaskSortKey::DueAt { due_order() } else { due_at.clone() };
    Condition::all()
        .add_option((!filter.statuses.is_empty()).then(|| col(Column::Status).is_in(statuses)))
        .add_option((!filter.priorities.is_empty()).then(|| col(Column::Priority).is_in(priorities)))
        .add_option(filter.incident_id.map(|incident| Column::IncidentId.eq(incident.as_uuid())))
        .add_option(filter.category_id.map(|category| Column::CategoryId.eq(category.as_uuid())))
        .add_option(filter.assigned_to.map(|user| Column::AssignedTo.eq(user.as_uuid())))
        .add_option(filter.created_by.map(|user| Column::CreatedBy.eq(user.as_uuid())))
        .add_option((!filter.due.is_open()).then(|| due_at.is_not_null()))
        .add_option(in_range(&due, &filter.due))
}

/// When a task is due, or [`TaskSortKey::NEVER`]: the database fills this column by itself.
fn due_order() -> SimpleExpr {
    Expr::col(("tasks", "due_order"))
}
