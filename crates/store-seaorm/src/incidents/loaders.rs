//! Look-ups of single rows by a key, concurrent ones by shared queries.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use incident_domain::kernel::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, QueryFilter, QueryResult,
    QueryTrait, Statement, TryGetable, Value,
};
use uuid::Uuid;

use super::batch_loader::{BatchLoader, Found};
use crate::{error::read_error, few_lengths::few_lengths, live_pool::LivePool};

/// The loaders of incidents.
#[derive(Default)]
pub(crate) struct IncidentLoaders {
    pub(super) by_id: Loader<Uuid>,
    pub(super) by_number: Loader<i64>,
}

/// Finds rows by one column.
pub(super) struct Loader<K: Send> {
    rows: BatchLoader<K, SharedRow>,
    /// The texts of the queries by number of keys. Building a text takes longer than everything else that this process
    /// does for a look-up, so that each is built once.
    texts: Mutex<HashMap<usize, Arc<str>>>,
}

/// A row for several callers, which read it one after the other: several threads may read a row of the driver, but not at
/// the same time.
type SharedRow = Arc<Mutex<QueryResult>>;

impl<K: Send> Default for Loader<K> {
    fn default() -> Self {
        Self { rows: BatchLoader::default(), texts: Mutex::default() }
    }
}

impl<K> Loader<K>
where
    K: Copy + Eq + Hash + Send + Into<Value> + TryGetable,
{
    /// Returns the row with this value in a column, which is the same one in all calls.
    pub(super) async fn find<E: EntityTrait>(
        &self,
        reader: &LivePool,
        column: E::Column,
        key: K,
    ) -> Result<Option<E::Model>, StoreError> {
        let row = self.rows.find(key, |keys| self.look_up::<E>(reader, column, keys)).await?;
        let read = |row: SharedRow| {
            E::Model::from_query_result(&row.lock().unwrap_or_else(PoisonError::into_inner), "").map_err(read_error)
        };
        row.map(read).transpose()
    }

    async fn look_up<E: EntityTrait>(
        &self,
        reader: &LivePool,
        column: E::Column,
        keys: Vec<K>,
    ) -> Result<Found<K, SharedRow>, StoreError> {
        let (backend, keys) = (reader.get_database_backend(), few_lengths(keys));
        let text = self.text::<E>(backend, column, keys.len());
        let query = Statement::from_sql_and_values(backend, &*text, keys.into_iter().map(Into::into));
        let rows = reader.query_all_raw(query).await.map_err(read_error)?;
        let keyed =
            |row: QueryResult| Ok((row.try_get("", column.as_str()).map_err(read_error)?, Arc::new(Mutex::new(row))));
        rows.into_iter().map(keyed).collect()
    }

    fn text<E: EntityTrait>(&self, backend: DbBackend, column: E::Column, keys: usize) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry(keys).or_insert_with(|| {
            let placeholders = std::iter::repeat_n(Value::Bool(None), keys);
            backend.build(&E::find().filter(column.is_in(placeholders)).into_query()).sql.into()
        });
        Arc::clone(text)
    }
}
