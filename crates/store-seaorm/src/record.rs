//! What the adapter must know of a record to store it, and how rows are taken apart and read.

use std::{error::Error, str::FromStr};

use async_trait::async_trait;
use incident_domain::kernel::{ListCursor, Listed, Listing, Page, PageRequest, Record, Sort, StoreError};
use sea_orm::{
    ActiveModelTrait, DbErr, DeriveRelation, EntityName, EntityTrait, EnumIter, IdenStatic, IntoActiveModel, Iterable,
    ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, Value,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    table::{Batching, Constraint, Table},
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

/// A record whose lists this adapter reads.
pub(crate) trait StoredList: StoredRecord + Listed {
    /// Reads a page of the list.
    fn list(
        store: &SeaOrmStore,
        filter: &Self::Filter,
        sort: Sort<Self::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> impl Future<Output = Result<Page<Self>, StoreError>> + Send;
}

#[async_trait]
impl<R: StoredList> Listing<R> for SeaOrmStore {
    async fn list(
        &self,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, StoreError> {
        R::list(self, filter, sort, page).await
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

/// The values of a row.
pub(crate) type Values = Vec<Value>;

/// A row that can be taken apart.
pub(crate) trait Row: ModelTrait {
    /// Converts the row for an insert, without a column that the database fills.
    fn into_insertable(self) -> <Self::Entity as EntityTrait>::ActiveModel;

    /// Returns the values of the columns that an insert fills, in the order of [`inserted_columns`].
    fn into_inserted(self) -> Values;

    /// Returns the values of an update: of every column but the identifier, then the identifier. There is room for two
    /// more, which the update compares.
    fn into_updated(self) -> Values;
}

impl<M> Row for M
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    fn into_insertable(self) -> <Self::Entity as EntityTrait>::ActiveModel {
        let mut row = self.into_active_model();
        <M::Entity as EntityTrait>::Column::iter()
            .filter(is_generated::<M::Entity>)
            .for_each(|column| row.not_set(column));
        row
    }

    fn into_inserted(self) -> Values {
        let mut row = self.into_insertable();
        let columns = <M::Entity as EntityTrait>::Column::iter();
        let mut values = Vec::with_capacity(columns.len());
        values.extend(columns.filter_map(|column| row.take(column).into_value()));
        values
    }

    fn into_updated(self) -> Values {
        let mut row = self.into_active_model();
        let columns = <M::Entity as EntityTrait>::Column::iter();
        let mut values = Vec::with_capacity(columns.len() + 2);
        values.extend(
            columns.filter(|column| !is_key::<M::Entity>(column)).filter_map(|column| row.take(column).into_value()),
        );
        let key = <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        values.extend(key.filter_map(|column| row.take(column).into_value()));
        values
    }
}

/// Returns the names of the columns that an insert fills.
fn inserted_columns<E: EntityTrait>() -> Vec<&'static str> {
    E::Column::iter().filter(|column| !is_generated::<E>(column)).map(|column| column.as_str()).collect()
}

/// Returns true for a column that the database fills by itself.
fn is_generated<E: EntityTrait>(column: &E::Column) -> bool {
    E::PrimaryKey::auto_increment() && is_key::<E>(column)
}

fn is_key<E: EntityTrait>(column: &E::Column) -> bool {
    E::PrimaryKey::iter().any(|key| key.into_column().as_str() == column.as_str())
}

/// The relations of an entity that no query joins with another one.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum NoRelation {}

/// Converts the values of a table's columns, and names the table and column of one that cannot be converted.
pub(crate) struct ColumnReader(&'static str);

impl ColumnReader {
    /// Reads rows of this table.
    pub(crate) fn of<E: EntityName>() -> Self {
        Self(E::default().table_name())
    }

    /// Takes the outcome of a conversion.
    pub(crate) fn parsed<T, E>(&self, column: &'static str, parsed: Result<T, E>) -> Result<T, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        parsed.map_err(|error| CorruptRow { table: self.0, column, source: Some(Box::new(error)) })
    }

    /// Takes the outcome of a conversion that does not say why it fails.
    pub(crate) fn known<T>(&self, column: &'static str, value: Option<T>) -> Result<T, CorruptRow> {
        value.ok_or(CorruptRow { table: self.0, column, source: None })
    }

    /// Converts a number, such as a count.
    pub(crate) fn number<T>(&self, column: &'static str, number: i64) -> Result<T, CorruptRow>
    where
        T: TryFrom<i64, Error: Error + Send + Sync + 'static>,
    {
        self.parsed(column, T::try_from(number))
    }

    /// Converts one name of a closed set.
    pub(crate) fn name<T>(&self, column: &'static str, name: &str) -> Result<T, CorruptRow>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.parsed(column, name.parse())
    }

    /// Converts one name of a closed set, if the column holds one.
    pub(crate) fn optional_name<T>(&self, column: &'static str, name: Option<&str>) -> Result<Option<T>, CorruptRow>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        name.map(|name| self.name(column, name)).transpose()
    }

    /// Converts a value, if the column holds one.
    pub(crate) fn optional<T, U, E>(
        &self,
        column: &'static str,
        value: Option<T>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Option<U>, CorruptRow>
    where
        E: Error + Send + Sync + 'static,
    {
        self.parsed(column, value.map(parse).transpose())
    }
}
