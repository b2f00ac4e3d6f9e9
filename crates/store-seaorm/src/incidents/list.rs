//! The query behind every list of incidents.
//!
//! A list by cursor costs the same however many incidents there are, if
//!
//! - it is by id, and has no condition, or one on status, priority, assignee, reporter, service or category;
//! - it is by the time of opening or of the last change, and has no condition, or a span of that same time;
//! - it is by priority, and has no condition, or one on priority.
//!
//! Any other condition is checked on the incidents that are found in this way: of several conditions, one finds and the
//! others are checked, so that much is read where few incidents meet them all. This includes a span of time in a list
//! by something else, and on SQLite labels, which are scanned. Incidents of few people, or of one service or category,
//! in another order than by id are all read and sorted.

use incident_domain::{
    incidents::{IncidentFilter, IncidentSort, IncidentSortKey, Priority, Status},
    kernel::{Label, LabelKey, LabelValue},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, Select,
    sea_query::{BinOper, Expr, ExprTrait, SimpleExpr},
};
use serde_json::Value as Json;

use super::{
    branches::{BranchedList, Key},
    incident::{Column, Entity},
    search::query::found_by,
};
use crate::query::{
    condition::{Use, column, in_range},
    order::Reach,
};

/// Selects a part of the incidents that a filter matches, in an order.
pub(super) fn part(backend: DbBackend, filter: &IncidentFilter, sort: IncidentSort, reach: &Reach) -> Select<Entity> {
    let key = match sort.key {
        IncidentSortKey::CreatedAt => Key::Id,
        IncidentSortKey::OpenedAt => Key::Of(Expr::col(Column::OpenedAt.as_column_ref())),
        IncidentSortKey::UpdatedAt => Key::Of(Expr::col(Column::UpdatedAt.as_column_ref())),
        IncidentSortKey::Priority => Key::Priority,
    };
    let list = BranchedList {
        id: Column::Id,
        status: Column::Status,
        priority: Column::Priority,
        key,
        direction: sort.direction,
        matching: condition(backend, filter, sort.key),
        statuses: filter.statuses.iter().copied().map(Status::as_str).collect(),
        priorities: &filter.priorities,
        has_other_index: filter.assigned_to.is_some()
            || filter.reported_by.is_some()
            || filter.service.is_some()
            || filter.category.is_some(),
    };
    list.part(backend, reach)
}

/// Says in SQL what [`IncidentFilter::matches`] says, for a list in the order of a key.
pub(super) fn condition(backend: DbBackend, filter: &IncidentFilter, key: IncidentSortKey) -> Condition {
    condition_with(backend, filter, key, Use::ToFind)
}

/// Says the same for a walk through all incidents by the time of opening. There may be many of one service or person,
/// which would all be sorted again for each part of the walk.
pub(super) fn condition_of_walk(backend: DbBackend, filter: &IncidentFilter) -> Condition {
    condition_with(backend, filter, IncidentSortKey::OpenedAt, Use::ToCheck)
}

fn condition_with(backend: DbBackend, filter: &IncidentFilter, key: IncidentSortKey, names: Use) -> Condition {
    use IncidentSortKey::{CreatedAt, OpenedAt, Priority as ByPriority, UpdatedAt};
    let to_find_in = |keys: &[IncidentSortKey]| if keys.contains(&key) { Use::ToFind } else { Use::ToCheck };
    let col = |of: Column, keys: &[IncidentSortKey]| column(backend, Expr::col(of.as_column_ref()), to_find_in(keys));
    let owned = |of: Column| column(backend, Expr::col(of.as_column_ref()), names);
    let statuses = filter.statuses.iter().copied().map(Status::as_str);
    let priorities = filter.priorities.iter().copied().map(Priority::as_str);
    let by_id = [CreatedAt, ByPriority];
    let mut condition = Condition::all()
        .add_option((!filter.statuses.is_empty()).then(|| col(Column::Status, &by_id).is_in(statuses)))
        .add_option((!filter.priorities.is_empty()).then(|| col(Column::Priority, &by_id).is_in(priorities)))
        .add_option(filter.assigned_to.map(|user| owned(Column::AssignedTo).eq(user.as_uuid())))
        .add_option(filter.reported_by.map(|user| owned(Column::ReportedBy).eq(user.as_uuid())))
        .add_option(filter.service.as_ref().map(|service| owned(Column::Service).eq(Label::as_str(service))))
        .add_option(filter.category.as_ref().map(|category| owned(Column::Category).eq(Label::as_str(category))))
        .add_option(in_range(&col(Column::OpenedAt, &[OpenedAt]), &filter.opened))
        .add_option(in_range(&col(Column::UpdatedAt, &[UpdatedAt]), &filter.updated))
        .add_option(in_range(&Expr::col(Column::ResolvedAt.as_column_ref()), &filter.resolved))
        .add_option(filter.text.as_ref().map(|text| found_by(backend, text, filter.search_scope)));
    if !filter.labels.is_empty() && (backend == DbBackend::Postgres || key == CreatedAt) {
        // As the index on labels says it, which leaves out incidents without labels.
        condition = condition.add(Expr::cust(r#""incidents"."labels" <> '{}'"#));
    }
    filter.labels.iter().fold(condition, |condition, label| condition.add(has_label(backend, label)))
}

fn has_label(backend: DbBackend, (key, value): &(LabelKey, LabelValue)) -> SimpleExpr {
    let label = Json::Object([(key.to_string(), Json::String(value.to_string()))].into_iter().collect());
    if backend == DbBackend::Postgres {
        return Expr::col(Column::Labels.as_column_ref()).binary(BinOper::Custom("@>"), Expr::val(label));
    }
    // Most incidents are skipped without parsing their labels: the text does not contain `"key":"value"`. The key is not
    // looked up by a JSON path, in which some characters have a meaning.
    let label = label.to_string();
    let text = label.trim_start_matches('{').trim_end_matches('}');
    let among = r#"instr("incidents"."labels", ?) > 0 AND EXISTS
        (SELECT 1 FROM json_each("incidents"."labels") WHERE "key" = ? AND "value" = ?)"#;
    Expr::cust_with_values(among, [text, key.as_str(), value.as_str()])
}
