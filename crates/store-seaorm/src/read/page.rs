//! Lists in pages, the newest first, whatever is listed.

use incident_domain::{Page, PageRequest, PageSize, ports::StoreError};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::entities;
use crate::{error::read_error, row::CorruptRow};

/// What the column of a numbered page is called that counts the whole list.
const TOTAL: &str = "total";

/// Which part of a list is wanted.
pub(super) struct Reach {
    /// What comes before this one is left out, and this one as well.
    pub(super) cursor: Option<Uuid>,
    pub(super) offset: u64,
    pub(super) limit: u64,
}

/// A list of what meets a condition, and how its newest rows are found.
pub(super) struct List<'a, Newest> {
    pub(super) reader: &'a DatabaseConnection,
    pub(super) condition: Condition,
    pub(super) newest: Newest,
}

impl<Row, Newest> List<'_, Newest>
where
    Row: EntityTrait,
    Newest: Fn(&Reach) -> Select<Row> + Send + Sync,
{
    /// A page; `id` says what a cursor is in the database.
    pub(super) async fn page<Item, Cursor>(
        self,
        request: PageRequest<Cursor>,
        id: impl Fn(Cursor) -> Uuid + Send,
    ) -> Result<Page<Item>, StoreError>
    where
        Item: TryFrom<Row::Model, Error = CorruptRow>,
    {
        match request {
            PageRequest::Numbered { page, size } => self.numbered(page, size).await,
            PageRequest::After { cursor, size } => self.after(cursor.map(id), size).await,
        }
    }

    /// Costs the same at any depth: it reads no row before the cursor, and one after the page, which
    /// tells whether there are more.
    async fn after<Item>(self, cursor: Option<Uuid>, size: PageSize) -> Result<Page<Item>, StoreError>
    where
        Item: TryFrom<Row::Model, Error = CorruptRow>,
    {
        let reach = Reach { cursor, offset: 0, limit: u64::from(size.get()) + 1 };
        let mut rows = (self.newest)(&reach).all(self.reader).await.map_err(read_error)?;
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
        let page = (self.newest)(&Reach { cursor: None, offset, limit: size }).expr_as(total, TOTAL);

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

/// A list of rows of which few meet the condition, or of which an index holds those in the order of their ids.
pub(super) fn list<Row: EntityTrait>(
    reader: &DatabaseConnection,
    id: Row::Column,
    condition: Condition,
) -> List<'_, impl Fn(&Reach) -> Select<Row> + Send + Sync> {
    let matching = condition.clone();
    let newest = move |reach: &Reach| {
        let before_cursor = reach.cursor.map(|cursor| id.lt(cursor));
        page_of(Row::find().filter(matching.clone().add_option(before_cursor)), id, reach)
    };
    List { reader, condition, newest }
}

/// The part of a selection that is wanted, the newest first. It does not look at the cursor.
pub(super) fn page_of<Row: EntityTrait>(matching: Select<Row>, id: Row::Column, reach: &Reach) -> Select<Row> {
    let page = matching.order_by_desc(id).limit(reach.limit);
    if reach.offset == 0 { page } else { page.offset(reach.offset) }
}

fn total_of(row: &QueryResult) -> Result<u64, StoreError> {
    let total: i64 = row.try_get_by(TOTAL).map_err(read_error)?;
    u64::try_from(total).map_err(StoreError::unavailable)
}
