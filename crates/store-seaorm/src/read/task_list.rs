//! The query behind every list of tasks.
//!
//! What a list by cursor reads does not depend on how many tasks there are, when it is by id and has at most one
//! condition, on anything but the due date, or when it is in another order and has no condition but one on what it is
//! ordered by. Of several conditions, one finds and the others are checked. What is wanted of one incident, category
//! or user in another order than by id is read as a whole and sorted.

use incident_domain::{Priority, TaskFilter, TaskSort, TaskSortKey, TaskStatus};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{
    branches::{by_priority, with_any},
    conditions::{Use, column, in_range},
    order::{Order, Reach},
};
use crate::row::task::{Column, Entity};

/// The tasks that a filter matches, in an order.
pub(super) fn part(backend: DbBackend, filter: &TaskFilter, sort: TaskSort, reach: &Reach) -> Select<Entity> {
    let order = match sort.key {
        TaskSortKey::CreatedAt => Order::by_id(Column::Id, sort.direction),
        TaskSortKey::UpdatedAt => Order::by(Expr::col(Column::UpdatedAt.as_column_ref()), Column::Id, sort.direction),
        TaskSortKey::DueAt => Order::by(due_order(), Column::Id, sort.direction),
        TaskSortKey::Priority => {
            let columns = (Column::Priority, Column::Id, sort.direction);
            return by_priority(columns, &condition(backend, filter, sort.key), &filter.priorities, reach);
        }
    };
    let matching = condition(backend, filter, sort.key);
    // PostgreSQL knows how common each value is, and finds the better way by itself.
    if backend == DbBackend::Sqlite && sort.key == TaskSortKey::CreatedAt {
        let values = branches(filter);
        if !values.is_empty() {
            return with_any(values, (Column::Id, sort.direction), &matching, reach);
        }
    }
    let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
    order.part_of(Entity::find().filter(matching.add_option(after_cursor)), reach)
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

/// As of incidents: one branch for each of several values, unless another condition has an index that keeps the order.
fn branches(filter: &TaskFilter) -> Vec<SimpleExpr> {
    let keeps_order = filter.incident_id.is_some()
        || filter.category_id.is_some()
        || filter.assigned_to.is_some()
        || filter.created_by.is_some();
    match (filter.statuses.as_slice(), filter.priorities.as_slice()) {
        _ if keeps_order => Vec::new(),
        (statuses @ [_, _, ..], _) => statuses.iter().map(|status| Column::Status.eq(status.as_str())).collect(),
        ([], priorities @ [_, _, ..]) => {
            priorities.iter().map(|priority| Column::Priority.eq(priority.as_str())).collect()
        }
        _ => Vec::new(),
    }
}
