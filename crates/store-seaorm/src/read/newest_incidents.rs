//! The query behind every list of incidents, in a shape that stays fast however many there are.

use incident_domain::{IncidentFilter, Label, Priority, Status};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Query, SelectStatement, SimpleExpr, UnionType},
};

use super::page::{Reach, page_of};
use crate::row::incident::{Column, Entity};

/// The newest incidents that a filter matches.
pub(super) fn newest(backend: DbBackend, filter: &IncidentFilter, reach: &Reach) -> Select<Entity> {
    let before_cursor = reach.cursor.map(|cursor| Column::Id.lt(cursor));
    let matching = condition(filter).add_option(before_cursor);
    // PostgreSQL knows how common each value is, and finds the better way by itself.
    let branches = if backend == DbBackend::Sqlite { branches(filter) } else { Vec::new() };
    let condition = match newest_of_each(branches, &matching, reach.offset.saturating_add(reach.limit)) {
        Some(ids) => Condition::all().add(Column::Id.in_subquery(ids)),
        None => matching,
    };
    page_of(Entity::find().filter(condition), Column::Id, reach)
}

/// What [`IncidentFilter::matches`] says, in SQL.
pub(super) fn condition(filter: &IncidentFilter) -> Condition {
    let statuses = filter.statuses.iter().copied().map(Status::as_str);
    let priorities = filter.priorities.iter().copied().map(Priority::as_str);
    Condition::all()
        .add_option((!filter.statuses.is_empty()).then(|| Column::Status.is_in(statuses)))
        .add_option((!filter.priorities.is_empty()).then(|| Column::Priority.is_in(priorities)))
        .add_option(filter.assigned_to.map(|user| Column::AssignedTo.eq(user.as_uuid())))
        .add_option(filter.reported_by.map(|user| Column::ReportedBy.eq(user.as_uuid())))
        .add_option(filter.service.as_ref().map(|service| Column::Service.eq(Label::as_str(service))))
        .add_option(filter.category.as_ref().map(|category| Column::Category.eq(Label::as_str(category))))
}

/// An index on a column and the id holds the incidents of one value in the order of a list, but those of
/// several values only one value after the other: SQLite would read and sort all of them. So a filter of several values is split into one branch for each, unless another condition has an index
/// that keeps the order.
fn branches(filter: &IncidentFilter) -> Vec<SimpleExpr> {
    let keeps_order = filter.assigned_to.is_some()
        || filter.reported_by.is_some()
        || filter.service.is_some()
        || filter.category.is_some();
    match (filter.statuses.as_slice(), filter.priorities.as_slice()) {
        _ if keeps_order => Vec::new(),
        (statuses @ [_, _, ..], _) => statuses.iter().map(|status| Column::Status.eq(status.as_str())).collect(),
        ([], priorities @ [_, _, ..]) => {
            priorities.iter().map(|priority| Column::Priority.eq(priority.as_str())).collect()
        }
        _ => Vec::new(),
    }
}

/// The ids of the newest incidents of each branch, if there are any: as many of each as the page may need.
fn newest_of_each(branches: Vec<SimpleExpr>, condition: &Condition, count_max: u64) -> Option<SelectStatement> {
    let newest_of = |branch: SimpleExpr| {
        let ids = Entity::find().select_only().column(Column::Id).filter(branch).filter(condition.clone());
        let ids = ids.order_by_desc(Column::Id).limit(count_max).into_query();
        // SQLite takes an order and a limit inside a union only behind one more select.
        Query::select().column(Column::Id).from_subquery(ids, "branch").take()
    };
    let mut candidates = branches.into_iter().map(newest_of);
    let mut union = candidates.next()?;
    for branch in candidates {
        union.union(UnionType::All, branch);
    }
    Some(union)
}
