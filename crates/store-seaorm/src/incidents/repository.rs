//! Reading incidents, and the query behind every list of them.
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

use std::collections::HashSet;

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentNumbers, IncidentRepository, IncidentSort,
        IncidentSortKey, Priority, Status,
    },
    kernel::{ExternalName, Label, LabelKey, LabelValue, ListCursor, Page, PageRequest, PageSize, StoreError},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{BinOper, Expr, ExprTrait, Query, SimpleExpr},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    branches::{BranchedList, Key},
    incident::{Column, Entity},
    search::query::found_by,
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    few_lengths::few_lengths,
    query::{List, Reach, Use, column, in_range},
    record::{StoredRecord, records},
};

/// The name of a list of numbers in a query, and the name that both databases give to its only column.
const NUMBERS: &str = "numbers";
const VALUE: &str = "column1";

#[async_trait]
impl IncidentNumbers for SeaOrmStore {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        self.numbers().next(self.writer()).await
    }
}

#[async_trait]
impl IncidentRepository for SeaOrmStore {
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        let number = i64::from(number.get());
        let row = self.incident_loaders().by_number.find::<Entity>(self.reader(), Column::Number, number).await?;
        row.map(|row| Incident::from_row(row).map_err(corrupt_row)).transpose()
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(|number| i64::from(number.get())).collect());
        records(Entity::find().filter(Column::Number.is_in(numbers)).all(self.reader()).await)
    }

    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        let reader = self.reader();
        let backend = reader.get_database_backend();
        let part = |reach: &Reach| part(backend, filter, sort, reach);
        List { reader, condition: condition(backend, filter, sort.key), part }.page(page).await
    }

    async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError> {
        let ids = Entity::find()
            .select_only()
            .column(Column::Id)
            .apply_if(before, |ids, before| ids.filter(Column::Id.lt(before.as_uuid())))
            .order_by_desc(Column::Id)
            .limit(u64::from(size.get()));
        let ids: Vec<Uuid> = ids.into_tuple().all(self.reader()).await.map_err(read_error)?;
        Ok(ids.into_iter().map(IncidentId::new).collect())
    }

    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(ExternalName::as_str).collect());
        // Each number is looked up in the index by itself. With few statistics, PostgreSQL would otherwise compare every
        // incident of the source with each of the numbers.
        let same = Entity::find()
            .select_only()
            .column(Column::ExternalNumber)
            .filter(Column::ExternalSource.eq(source.as_str()))
            .filter(Expr::col(Column::ExternalNumber).equals((NUMBERS, VALUE)));
        let mut each = Query::select();
        each.expr(SimpleExpr::SubQuery(None, Box::new(same.into_query().into()))).from_values(numbers, NUMBERS);
        let rows = self.reader().query_all(&each).await.map_err(read_error)?;
        let existing = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Option<String>>, _>>();
        let existing: HashSet<String> = existing.map_err(read_error)?.into_iter().flatten().collect();
        existing.into_iter().map(|number| ExternalName::stored(number).map_err(StoreError::unavailable)).collect()
    }
}

/// Selects a part of the incidents that a filter matches, in an order.
fn part(backend: DbBackend, filter: &IncidentFilter, sort: IncidentSort, reach: &Reach) -> Select<Entity> {
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
fn condition(backend: DbBackend, filter: &IncidentFilter, key: IncidentSortKey) -> Condition {
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
