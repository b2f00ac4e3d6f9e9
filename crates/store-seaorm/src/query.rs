//! Reads, whatever is read: by identifiers, and lists in pages. Reads use a pool of their own, so that they never wait
//! for a commit.

use std::cmp::Ordering;

use async_trait::async_trait;
use incident_domain::kernel::{
    Direction, ListCursor, Page, PageRequest, PageSize, RecordId, Repository, SortPosition, StoreError, TimeRange,
    Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, Order as SqlOrder, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Asterisk, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    SeaOrmStore,
    error::read_error,
    few_lengths::few_lengths,
    live_pool::LivePool,
    record::{RowOf, StoredRecord, records},
};

#[async_trait]
impl<R: StoredRecord<Id: RecordId>> Repository<R> for SeaOrmStore {
    async fn find(&self, id: R::Id) -> Result<Option<R>, StoreError> {
        R::find(self, id.uuid()).await
    }

    async fn find_many(&self, ids: &[R::Id]) -> Result<Vec<R>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(ids.iter().map(|id| id.uuid()).collect());
        let rows = R::Entity::find().filter(Expr::col((R::Entity::default(), "id")).is_in(ids));
        records(rows.all(self.reader()).await)
    }
}

/// The name of the column of a numbered page that counts the whole list.
const TOTAL: &str = "total";

/// A list of the rows that meet a condition, and how a part of it is found.
pub(crate) struct List<'a, Part> {
    pub(crate) reader: &'a LivePool,
    pub(crate) condition: Condition,
    pub(crate) part: Part,
}

impl<Part> List<'_, Part> {
    /// Reads a page.
    pub(crate) async fn page<R>(self, request: PageRequest<ListCursor>) -> Result<Page<R>, StoreError>
    where
        R: StoredRecord,
        Part: Fn(&Reach) -> Select<R::Entity> + Send + Sync,
    {
        match request {
            PageRequest::Numbered { page, size } => self.numbered(page, size).await,
            PageRequest::After { cursor, size } => self.after(cursor, size).await,
        }
    }

    /// Reads no row before the cursor, and one after the page, which tells whether there are more: where an index has
    /// the list's order, this costs the same at any depth.
    async fn after<R>(self, cursor: Option<ListCursor>, size: PageSize) -> Result<Page<R>, StoreError>
    where
        R: StoredRecord,
        Part: Fn(&Reach) -> Select<R::Entity> + Send + Sync,
    {
        let reach = Reach { cursor, offset: 0, limit: u64::from(size.get()) + 1 };
        let mut rows = (self.part)(&reach).all(self.reader).await.map_err(read_error)?;
        let size = usize::try_from(size.get()).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        Ok(Page { items: records(Ok(rows))?, total: None, has_more })
    }

    /// Counts in the statement that reads the page, so that both see the same rows.
    async fn numbered<R>(self, page: u32, size: PageSize) -> Result<Page<R>, StoreError>
    where
        R: StoredRecord,
        Part: Fn(&Reach) -> Select<R::Entity> + Send + Sync,
    {
        let limit = u64::from(size.get());
        let offset = u64::from(page.saturating_sub(1)) * limit;
        let mut count = Query::select();
        count.expr_as(Expr::col(Asterisk).count(), TOTAL).from(R::Entity::default()).cond_where(self.condition);
        let total = SimpleExpr::SubQuery(None, Box::new(count.clone().into()));
        let page = (self.part)(&Reach { cursor: None, offset, limit }).expr_as(total, TOTAL);

        let rows = self.reader.query_all(page.as_query()).await.map_err(read_error)?;
        // Beyond the end there is no row to carry the count.
        let counted = if rows.is_empty() { self.reader.query_one(&count).await.map_err(read_error)? } else { None };
        let total = rows.first().or(counted.as_ref()).map(total_of).transpose()?.unwrap_or_default();
        let items: Vec<R> = records(rows.iter().map(|row| RowOf::<R>::from_query_result(row, "")).collect())?;
        let seen = offset + items.len() as u64;
        Ok(Page { items, total: Some(total), has_more: seen < total })
    }
}

fn total_of(row: &QueryResult) -> Result<u64, StoreError> {
    let total: i64 = row.try_get_by(TOTAL).map_err(read_error)?;
    u64::try_from(total).map_err(StoreError::unavailable)
}

/// Lists the rows that meet a condition. Few do, or an index holds them in this order.
pub(crate) fn list<E: EntityTrait>(
    reader: &LivePool,
    order: Order,
    condition: Condition,
) -> List<'_, impl Fn(&Reach) -> Select<E> + Send + Sync> {
    let matching = condition.clone();
    let part = move |reach: &Reach| {
        let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
        order.part_of(E::find().filter(matching.clone().add_option(after_cursor)), reach)
    };
    List { reader, condition, part }
}

/// Lists the rows that meet a condition by id, the newest first.
pub(crate) fn newest_first<E: EntityTrait>(
    reader: &LivePool,
    id: E::Column,
    condition: Condition,
) -> List<'_, impl Fn(&Reach) -> Select<E> + Send + Sync> {
    list(reader, Order::by_id(id, Direction::Descending), condition)
}

/// Converts a request for a page of a list that has one order only, by id.
pub(crate) fn by_id<I: RecordId>(request: PageRequest<I>) -> PageRequest<ListCursor> {
    match request {
        PageRequest::Numbered { page, size } => PageRequest::Numbered { page, size },
        PageRequest::After { cursor, size } => {
            let cursor = cursor.map(|cursor| ListCursor { position: SortPosition::Id, id: cursor.uuid() });
            PageRequest::After { cursor, size }
        }
    }
}

/// The order of a list in SQL: by a key, if there is one, and by id where that is equal, both in the same direction, so
/// that one index on both serves either direction.
#[derive(Clone)]
pub(crate) struct Order {
    key: Option<SimpleExpr>,
    id: SimpleExpr,
    direction: Direction,
}

/// Which part of a list is wanted.
pub(crate) struct Reach {
    /// Only what comes after it.
    pub(crate) cursor: Option<ListCursor>,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

impl Order {
    /// Orders by id alone.
    pub(crate) fn by_id(id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: None, id: Expr::col(id.as_column_ref()), direction }
    }

    /// Orders by a key that is never empty, and by id.
    pub(crate) fn by(key: SimpleExpr, id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: Some(key), ..Self::by_id(id, direction) }
    }

    /// Selects what comes after a cursor.
    pub(crate) fn after(&self, cursor: &ListCursor) -> SimpleExpr {
        let (here, there) = match (&self.key, storable_cursor(cursor)) {
            (Some(key), (Some(position), id)) => {
                (Expr::tuple([key.clone(), self.id.clone()]), Expr::tuple([Expr::val(position), Expr::val(id)]))
            }
            (_, (_, id)) => (self.id.clone(), Expr::val(id)),
        };
        match self.direction {
            Direction::Ascending => here.gt(there),
            Direction::Descending => here.lt(there),
        }
    }

    /// Puts a selection into this order.
    pub(crate) fn of<Row: EntityTrait>(&self, selection: Select<Row>) -> Select<Row> {
        let direction = match self.direction {
            Direction::Ascending => SqlOrder::Asc,
            Direction::Descending => SqlOrder::Desc,
        };
        let keys = self.key.iter().chain([&self.id]);
        keys.fold(selection, |selection, key| selection.order_by(key.clone(), direction.clone()))
    }

    /// Limits a selection in this order to the wanted part, apart from the cursor.
    pub(crate) fn part_of<Row: EntityTrait>(&self, selection: Select<Row>, reach: &Reach) -> Select<Row> {
        let part = self.of(selection).limit(reach.limit);
        if reach.offset == 0 { part } else { part.offset(reach.offset) }
    }
}

/// Converts a cursor into values that the databases can compare. Clients can send any cursor: one that no stored row
/// can have becomes its nearest neighbour.
fn storable_cursor(cursor: &ListCursor) -> (Option<Value>, Uuid) {
    match &cursor.position {
        SortPosition::Id => (None, cursor.id),
        SortPosition::Rank(rank) => (Some(i64::from(*rank).into()), cursor.id),
        SortPosition::Time(time) => {
            let storable = storable(*time);
            let id = match storable.cmp(time) {
                Ordering::Less => Uuid::max(),
                Ordering::Equal => cursor.id,
                Ordering::Greater => Uuid::nil(),
            };
            (Some(storable.into()), id)
        }
        // PostgreSQL refuses texts with a NUL, and no stored text has one.
        SortPosition::Text(text) => match text.split_once('\0') {
            Some((before, _)) => (Some(before.into()), Uuid::max()),
            None => (Some(text.as_str().into()), cursor.id),
        },
    }
}

/// Returns a time, or the nearest one of the years that both databases can write: 0000 to 9999.
pub(crate) fn storable(time: Timestamp) -> Timestamp {
    const FIRST_MICROS: i64 = -62_167_219_200_000_000;
    const LAST_MICROS: i64 = 253_402_300_799_999_999;
    let first = Timestamp::from_timestamp_micros(FIRST_MICROS).unwrap_or(Timestamp::MIN_UTC);
    let last = Timestamp::from_timestamp_micros(LAST_MICROS).unwrap_or(Timestamp::MAX_UTC);
    time.clamp(first, last)
}

/// Says in SQL what [`TimeRange::contains`] says.
pub(crate) fn in_range(time: &SimpleExpr, range: &TimeRange) -> Option<Condition> {
    // The latest time that can be stored stands for all later ones, and is itself earlier than they are.
    let is_later = |bound| storable(bound) < bound;
    let since = range.since.map(|since| match storable(since) {
        end if is_later(since) => time.clone().gt(end),
        since => time.clone().gte(since),
    });
    let until = range.until.map(|until| match storable(until) {
        end if is_later(until) => time.clone().lte(end),
        until => time.clone().lt(until),
    });
    let bounds = Condition::all().add_option(since).add_option(until);
    (!range.is_open()).then_some(bounds)
}

/// Whether the index of a condition's column is a good way to find rows, or rows are found otherwise and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    ToFind,
    ToCheck,
}

/// Names a column in a condition.
///
/// SQLite does not know how many rows a condition leaves: it uses any index on the column, and sorts what that finds. A
/// `+` before the column hides the index. PostgreSQL has statistics.
pub(crate) fn column(backend: DbBackend, column: SimpleExpr, of_use: Use) -> SimpleExpr {
    match (backend, of_use) {
        (DbBackend::Sqlite, Use::ToCheck) => Expr::cust_with_expr("+?", column),
        _ => column,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(position: SortPosition) -> (Option<Value>, Uuid) {
        storable_cursor(&ListCursor { position, id: Uuid::from_u128(7) })
    }

    #[test]
    fn a_cursor_that_no_row_can_have_becomes_its_neighbour() {
        let [first, last]: [Timestamp; 2] =
            ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"].map(|time| time.parse().expect("a time"));
        assert_eq!(stored(SortPosition::Time(Timestamp::MIN_UTC)), (Some(first.into()), Uuid::nil()));
        assert_eq!(stored(SortPosition::Time(Timestamp::MAX_UTC)), (Some(last.into()), Uuid::max()));
        assert_eq!(stored(SortPosition::Text("a\0b".to_owned())), (Some("a".into()), Uuid::max()));
    }

    #[test]
    fn any_other_cursor_stays_as_it_is() {
        let time = Timestamp::UNIX_EPOCH;
        assert_eq!(stored(SortPosition::Time(time)), (Some(time.into()), Uuid::from_u128(7)));
        assert_eq!(stored(SortPosition::Text("a".to_owned())), (Some("a".into()), Uuid::from_u128(7)));
        assert_eq!(stored(SortPosition::Id), (None, Uuid::from_u128(7)));
    }

    #[test]
    fn a_list_grows_to_a_power_of_two_by_repeating_its_last_value() {
        assert_eq!(few_lengths(vec![1, 2, 3]), [1, 2, 3, 3]);
        assert_eq!(few_lengths(vec![1, 2]), [1, 2]);
        assert_eq!(few_lengths(Vec::<u8>::new()), [0; 0]);
    }
}
