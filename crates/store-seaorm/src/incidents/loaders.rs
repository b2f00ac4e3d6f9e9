//! Look-ups of single incidents, concurrent ones by shared queries.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use incident_domain::{
    incidents::{Incident, IncidentNumber},
    kernel::StoreError,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult, IdenStatic, QueryFilter,
    QueryResult, QueryTrait, Statement, TryGetable, Value,
};
use uuid::Uuid;

use super::{
    batch_loader::{BatchLoader, Found},
    incident::{Column, Entity, Model},
};
use crate::{error::read_error, query::few_lengths, record::record};

/// The loaders of incidents.
#[derive(Default)]
pub(crate) struct IncidentLoaders {
    by_id: BatchLoader<Uuid, SharedRow>,
    by_number: BatchLoader<i64, SharedRow>,
    queries: Queries,
}

/// A row for several callers, which read it one after the other: several threads may read a row of the driver, but not at
/// the same time.
type SharedRow = Arc<Mutex<QueryResult>>;

/// The texts of the queries by column and number of keys. Building a text takes longer than everything else that this
/// process does for a look-up, so that each is built once.
#[derive(Default)]
struct Queries(Mutex<HashMap<(&'static str, usize), Arc<str>>>);

impl Queries {
    fn text(&self, backend: DbBackend, column: Column, keys: usize) -> Arc<str> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry((column.as_str(), keys)).or_insert_with(|| {
            let placeholders = std::iter::repeat_n(Value::Bool(None), keys);
            backend.build(&Entity::find().filter(column.is_in(placeholders)).into_query()).sql.into()
        });
        Arc::clone(text)
    }
}

impl IncidentLoaders {
    pub(super) async fn by_id(&self, reader: &DatabaseConnection, id: Uuid) -> Result<Option<Incident>, StoreError> {
        incident(self.by_id.find(id, |ids| self.look_up(reader, Column::Id, ids)).await?)
    }

    pub(super) async fn by_number(
        &self,
        reader: &DatabaseConnection,
        number: IncidentNumber,
    ) -> Result<Option<Incident>, StoreError> {
        let look_up = |numbers| self.look_up(reader, Column::Number, numbers);
        incident(self.by_number.find(i64::from(number.get()), look_up).await?)
    }

    /// Returns the rows with these keys.
    async fn look_up<K>(
        &self,
        reader: &DatabaseConnection,
        column: Column,
        keys: Vec<K>,
    ) -> Result<Found<K, SharedRow>, StoreError>
    where
        K: Clone + Eq + Hash + Into<Value> + TryGetable,
    {
        let (backend, keys) = (reader.get_database_backend(), few_lengths(keys));
        let text = self.queries.text(backend, column, keys.len());
        let query = Statement::from_sql_and_values(backend, &*text, keys.into_iter().map(Into::into));
        let rows = reader.query_all_raw(query).await.map_err(read_error)?;
        let keyed =
            |row: QueryResult| Ok((row.try_get("", column.as_str()).map_err(read_error)?, Arc::new(Mutex::new(row))));
        rows.into_iter().map(keyed).collect()
    }
}

fn incident(row: Option<SharedRow>) -> Result<Option<Incident>, StoreError> {
    let read = |row: SharedRow| Model::from_query_result(&row.lock().unwrap_or_else(PoisonError::into_inner), "");
    record(row.map(read).transpose())
}
