//! Lists of tasks.
//!
//! A list by cursor costs the same however many tasks there are, if it is by id and has at most one condition, on
//! anything but the due date, or if it is in another order and has no condition but one on what it is ordered by. Of
//! several conditions, one finds and the others are checked. Tasks of one incident, category or user in another order
//! than by id are all read and sorted.

use async_trait::async_trait;
use incident_domain::{
    incidents::{IncidentId, Priority},
    kernel::{ListCursor, Page, PageRequest, StoreError},
    work::{Task, TaskFilter, TaskRepository, TaskSort, TaskSortKey, TaskStatus},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr, WindowStatement},
};

use super::task::{Column, Entity};
use crate::{
    SeaOrmStore,
    few_lengths::few_lengths,
    incidents::branches::{BranchedList, Key},
    query::{List, Reach, Use, column, in_range},
    record::{StoredList, records},
};

impl StoredList for Task {
    async fn list(
        store: &SeaOrmStore,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Self>, StoreError> {
        let reader = store.reader();
        let backend = reader.get_database_backend();
        let part = |reach: &Reach| part(backend, filter, sort, reach);
        List { reader, condition: condition(backend, filter, sort.key), part }.page(page).await
    }
}

#[async_trait]
impl TaskRepository for SeaOrmStore {
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        if incidents.is_empty() || limit_each == 0 {
            return Ok(Vec::new());
        }
        let incidents = few_lengths(incidents.iter().map(|id| id.as_uuid()).collect());
        // The index holds the tasks of each incident in this order, so that they are numbered as they are read.
        let newest_first = WindowStatement::partition_by(Column::IncidentId).order_by(Column::Id, Order::Desc).take();
        let numbered = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::IncidentId.is_in(incidents))
            .into_query()
            .expr_window_as(Func::cust("row_number"), newest_first, "place")
            .take();
        let last = Query::select()
            .column(Column::Id)
            .from_subquery(numbered, "numbered")
            .and_where(Expr::col("place").lte(i64::from(limit_each)))
            .take();
        let tasks = Entity::find()
            .filter(Column::Id.in_subquery(last))
            .order_by_asc(Column::IncidentId)
            .order_by_asc(Column::Id);
        records(tasks.all(self.reader()).await)
    }
}

/// Selects a part of the tasks that a filter matches, in an order.
fn part(backend: DbBackend, filter: &TaskFilter, sort: TaskSort, reach: &Reach) -> Select<Entity> {
    let key = match sort.key {
        TaskSortKey::CreatedAt => Key::Id,
        TaskSortKey::UpdatedAt => Key::Of(Expr::col(Column::UpdatedAt.as_column_ref())),
        TaskSortKey::DueAt => Key::Of(due_order()),
        TaskSortKey::Priority => Key::Priority,
    };
    let list = BranchedList {
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

/// Says in SQL what `Task::matches` says, for a list in the order of a key.
fn condition(backend: DbBackend, filter: &TaskFilter, key: TaskSortKey) -> Condition {
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

/// The column in which the database keeps when a task is due, or [`TaskSortKey::NEVER`].
fn due_order() -> SimpleExpr {
    Expr::col(("tasks", "due_order"))
}
