//! Reading incidents.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use incident_domain::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, ListCursor, Page, PageRequest,
    PageSize,
    ports::{IncidentRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Statement, TryGetable, Value,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{
    entities, few_lengths,
    gathered::{Found, Gathered},
    incident_list::{condition, part},
    order::Reach,
    page::List,
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::incident::{self, Column},
};

/// What a list of numbers is called in a query, and, by both databases, its only column.
const NUMBERS: &str = "numbers";
const VALUE: &str = "column1";

/// Incidents that are looked for, one by one and by many.
#[derive(Default)]
pub(crate) struct LookedFor {
    incidents_by_id: Gathered<Uuid, SharedRow>,
    incidents_by_number: Gathered<i64, SharedRow>,
    queries: Queries,
}

/// The row of an incident, for all who asked for it. They read it one after the other: a row of the driver may be read by
/// several threads, but not at the same time.
type SharedRow = Arc<Mutex<QueryResult>>;

/// The texts of the queries by a key and how many of it are looked for. Each is built once: that takes longer than all
/// else that this process does to look for a few.
#[derive(Default)]
struct Queries(Mutex<HashMap<(&'static str, usize), Arc<str>>>);

impl Queries {
    fn text(&self, backend: DbBackend, key: Column, keys: usize) -> Arc<str> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry((key.as_str(), keys)).or_insert_with(|| {
            let placeholders = std::iter::repeat_n(Value::Bool(None), keys);
            backend.build(&incident::Entity::find().filter(key.is_in(placeholders)).into_query()).sql.into()
        });
        Arc::clone(text)
    }
}

#[async_trait]
impl IncidentRepository for SeaOrmStore {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let look_up = |ids| look_up(self, Column::Id, ids);
        let row = self.looked_for().incidents_by_id.find(id.as_uuid(), look_up).await?;
        row.as_deref().map(entity).transpose()
    }

    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        let look_up = |numbers| look_up(self, Column::Number, numbers);
        let row = self.looked_for().incidents_by_number.find(i64::from(number.get()), look_up).await?;
        row.as_deref().map(entity).transpose()
    }

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(ids.iter().map(|id| id.as_uuid()).collect());
        let incidents = incident::Entity::find().filter(Column::Id.is_in(ids));
        entities(incidents.all(self.reader()).await.map_err(read_error)?)
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(|number| i64::from(number.get())).collect());
        let incidents = incident::Entity::find().filter(Column::Number.is_in(numbers));
        entities(incidents.all(self.reader()).await.map_err(read_error)?)
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
        let ids = incident::Entity::find()
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
        // Each number is looked up in the index by itself. PostgreSQL, when it knows little about the table or nothing
        // about the numbers, would rather compare all that ever came from the source with each of them.
        let same = incident::Entity::find()
            .select_only()
            .column(Column::ExternalNumber)
            .filter(Column::ExternalSource.eq(source.as_str()))
            .filter(Expr::col(Column::ExternalNumber).equals((NUMBERS, VALUE)));
        let mut each = Query::select();
        each.expr(SimpleExpr::SubQuery(None, Box::new(same.into_query().into()))).from_values(numbers, NUMBERS);
        let rows = self.reader().query_all(&each).await.map_err(read_error)?;
        let known = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Option<String>>, _>>();
        let known: HashSet<String> = known.map_err(read_error)?.into_iter().flatten().collect();
        known.into_iter().map(|number| ExternalName::parse(number).map_err(StoreError::unavailable)).collect()
    }
}

/// The rows of the incidents with these keys.
async fn look_up<K>(store: &SeaOrmStore, key: Column, keys: Vec<K>) -> Result<Found<K, SharedRow>, StoreError>
where
    K: Clone + Eq + Hash + Into<Value> + TryGetable,
{
    let (reader, keys) = (store.reader(), few_lengths(keys));
    let backend = reader.get_database_backend();
    let text = store.looked_for().queries.text(backend, key, keys.len());
    let query = Statement::from_sql_and_values(backend, &*text, keys.into_iter().map(Into::into));
    let rows = reader.query_all_raw(query).await.map_err(read_error)?;
    let keyed = |row: QueryResult| Ok((row.try_get("", key.as_str()).map_err(read_error)?, Arc::new(Mutex::new(row))));
    rows.into_iter().map(keyed).collect()
}

fn entity(row: &Mutex<QueryResult>) -> Result<Incident, StoreError> {
    let row = incident::Model::from_query_result(&row.lock().unwrap_or_else(PoisonError::into_inner), "");
    row.map_err(read_error)?.try_into().map_err(corrupt_row)
}
