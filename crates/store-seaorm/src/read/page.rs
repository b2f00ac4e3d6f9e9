//! Lists in pages, whatever is listed and in whichever order.

use incident_domain::{Direction, ListCursor, Page, PageRequest, PageSize, SortPosition, ports::StoreError};
use sea_orm::{
    Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{
    entities,
    order::{Order, Reach},
};
use crate::{error::read_error, row::CorruptRow};

/// What the column of a numbered page is called that counts the whole list.
const TOTAL: &str = "total";

/// A list of what meets a condition, and how a part of it is found.
pub(super) struct List<'a, Part> {
    pub(super) reader: &'a DatabaseConnection,
    pub(super) condition: Condition,
    pub(super) part: Part,
}

impl<Row, Part> List<'_, Part>
where
    Row: EntityTrait,
    Part: Fn(&Reach) -> Select<Row> + Send + Sync,
{
    pub(super) async fn page<Item>(self, request: PageRequest<ListCursor>) -> Result<Page<Item>, StoreError>
    where
        Item: TryFrom<Row::Model, Error = CorruptRow>,
    {
        match request {
            PageRequest::Numbered { page, size } => self.numbered(page, size).await,
            PageRequest::After { cursor, size } => self.after(cursor, size).await,
        }
    }

    /// Reads no row before the cursor, and one after the page, which tells whether there are more: it costs the same
    /// at any depth, where an index has the list's order.
    async fn after<Item>(self, cursor: Option<ListCursor>, size: PageSize) -> Result<Page<Item>, StoreError>
    where
        Item: TryFrom<Row::Model, Error = CorruptRow>,
    {
        let reach = Reach { cursor, offset: 0, limit: u64::from(size.get()) + 1 };
        let mut rows = (self.part)(&reach).all(self.reader).await.map_err(read_error)?;
        let size = usize::try_from(size.get()).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        Ok(Page { items: entities(rows)?, total: None, has_more })
    }

    /// Counts in the statement that reads the page, so that both see the same rows.
    async fn numbered<Item>(self, page: u32, size: PageSize) -> Result<Page<Item>, StoreError>
    where
        Item: TryFrom<Row::Model, Error = CorruptRow>,
    {
        let size = u64::from(size.get());
        let offset = u64::from(page.saturating_sub(1)) * size;
        let mut count = Query::select();
        count.expr_as(Expr::col(Asterisk).count(), TOTAL).from(Row::default()).cond_where(self.condition);
        let total = SimpleExpr::SubQuery(None, Box::new(count.clone().into()));
        let page = (self.part)(&Reach { cursor: None, offset, limit: size }).expr_as(total, TOTAL);

        let rows = self.reader.query_all(page.as_query()).await.map_err(read_error)?;
        // Beyond the end there is no row to carry the count.
        let counted = if rows.is_empty() { self.reader.query_one(&count).await.map_err(read_error)? } else { None };
        let total = rows.first().or(counted.as_ref()).map(total_of).transpose()?.unwrap_or_default();
        let read: Result<Vec<_>, _> = rows.iter().map(|row| Row::Model::from_query_result(row, "")).collect();
        let items: Vec<Item> = entities(read.map_err(read_error)?)?;
        let seen = offset + items.len() as u64;
        Ok(Page { items, total: Some(total), has_more: seen < total })
    }
}

/// A list of rows of which few meet the condition, or of which an index holds those in this order.
pub(super) fn list<Row: EntityTrait>(
    reader: &DatabaseConnection,
    order: Order,
    condition: Condition,
) -> List<'_, impl Fn(&Reach) -> Select<Row> + Send + Sync> {
    let matching = condition.clone();
    let part = move |reach: &Reach| {
        let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
        order.part_of(Row::find().filter(matching.clone().add_option(after_cursor)), reach)
    };
    List { reader, condition, part }
}

/// Such a list, the newest first.
pub(super) fn newest_first<Row: EntityTrait>(
    reader: &DatabaseConnection,
    id: Row::Column,
    condition: Condition,
) -> List<'_, impl Fn(&Reach) -> Select<Row> + Send + Sync> {
    list(reader, Order::by_id(id, Direction::Descending), condition)
}

/// What is asked for of a list that has one order only, in which an id is a place.
pub(super) fn by_id<Id>(request: PageRequest<Id>, id: impl Fn(Id) -> Uuid) -> PageRequest<ListCursor> {
    match request {
        PageRequest::Numbered { page, size } => PageRequest::Numbered { page, size },
        PageRequest::After { cursor, size } => {
            let cursor = cursor.map(|cursor| ListCursor { position: SortPosition::Id, id: id(cursor) });
            PageRequest::After { cursor, size }
        }
    }
}

fn total_of(row: &QueryResult) -> Result<u64, StoreError> {
    let total: i64 = row.try_get_by(TOTAL).map_err(read_error)?;
    u64::try_from(total).map_err(StoreError::unavailable)
}
