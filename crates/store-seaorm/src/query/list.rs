//! Lists in pages, whatever is listed and in whichever order.

use incident_domain::kernel::{
    Direction, ListCursor, Page, PageRequest, PageSize, RecordId, SortPosition, StoreError,
};
use sea_orm::{
    Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, Expr, ExprTrait, Query, SimpleExpr},
};

use super::order::{Order, Reach};
use crate::{
    error::read_error,
    record::stored::{RowOf, StoredRecord, records},
};

/// The name of the column of a numbered page that counts the whole list.
const TOTAL: &str = "total";

/// A list of the rows that meet a condition, and how a part of it is found.
pub(crate) struct List<'a, Part> {
    pub(crate) reader: &'a DatabaseConnection,
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
    reader: &DatabaseConnection,
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
    reader: &DatabaseConnection,
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
