//! What the adapter must know of a record to store it.

use incident_domain::kernel::{Record, StoreError};
use sea_orm::{
    DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    column::CorruptRow,
    row::{Row, inserted_columns},
    table::{Batching, Constraint, Table},
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
};

/// The row of a record.
pub(crate) type RowOf<R> = <<R as StoredRecord>::Entity as EntityTrait>::Model;

/// A record that this adapter stores in one row.
pub(crate) trait StoredRecord: Record {
    /// The table, as the object-relational mapper knows it.
    type Entity: EntityTrait<Model: Row>;

    /// The constraints of the table besides its primary key, and what their violations mean.
    const CONSTRAINTS: &'static [Constraint] = &[];

    /// How changes are combined with those of other change sets.
    const BATCHING: &'static Batching = &Batching::DEFAULT;

    /// The table, as the committer knows it.
    const TABLE: &'static Table = &Table {
        kind: Self::KIND,
        name: table_name::<Self::Entity>,
        columns: inserted_columns::<Self::Entity>,
        word_columns: &[],
        position: Table::position_of(Self::KIND),
        batching: Self::BATCHING,
        id_key: Self::ID_KEY,
        constraints: Self::CONSTRAINTS,
    };

    /// Returns the row that holds the record.
    fn to_row(&self) -> RowOf<Self>;

    /// Reads the record out of its row.
    fn from_row(row: RowOf<Self>) -> Result<Self, CorruptRow>;

    /// Reads the record with this identifier.
    fn find(store: &SeaOrmStore, id: Uuid) -> impl Future<Output = Result<Option<Self>, StoreError>> + Send {
        let by_id = Self::Entity::find().filter(Expr::col((Self::Entity::default(), "id")).eq(id));
        async move { record(by_id.one(store.reader()).await) }
    }
}

fn table_name<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

/// Reads a record out of what a query has found.
pub(crate) fn record<R: StoredRecord>(row: Result<Option<RowOf<R>>, DbErr>) -> Result<Option<R>, StoreError> {
    row.map_err(read_error)?.map(|row| R::from_row(row).map_err(corrupt_row)).transpose()
}

/// Reads records out of what a query has found.
pub(crate) fn records<R: StoredRecord>(rows: Result<Vec<RowOf<R>>, DbErr>) -> Result<Vec<R>, StoreError> {
    rows.map_err(read_error)?.into_iter().map(|row| R::from_row(row).map_err(corrupt_row)).collect()
}
