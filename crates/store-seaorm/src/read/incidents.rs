//! Reading incidents.

use async_trait::async_trait;
use incident_domain::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, Page, PageRequest, PageSize,
    ports::{IncidentRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryResult, QuerySelect,
    QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{
    entities, few_lengths,
    newest_incidents::{Reach, condition, newest},
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::incident::{self, Column},
};

/// What the column of a numbered page is called that counts the whole list.
const TOTAL: &str = "total";

#[async_trait]
impl IncidentRepository for SeaOrmStore {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let row = incident::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| Incident::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        let by_number = incident::Entity::find().filter(Column::Number.eq(i64::from(number.get())));
        let row = by_number.one(self.reader()).await.map_err(read_error)?;
        row.map(|row| Incident::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn list(&self, filter: &IncidentFilter, page: PageRequest<IncidentId>) -> Result<Page<Incident>, StoreError> {
        match page {
            PageRequest::Numbered { page, size } => self.numbered_page(filter, page, size).await,
            PageRequest::After { cursor, size } => self.page_after(filter, cursor, size).await,
        }
    }

    async fn known_external(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(ExternalName::as_str).collect());
        let known = incident::Entity::find()
            .select_only()
            .column(Column::ExternalNumber)
            .filter(Column::ExternalSource.eq(source.as_str()))
            .filter(Column::ExternalNumber.is_in(numbers));
        let known: Vec<String> = known.into_tuple().all(self.reader()).await.map_err(read_error)?;
        known.into_iter().map(|number| ExternalName::parse(number).map_err(StoreError::unavailable)).collect()
    }
}

impl SeaOrmStore {
    /// Costs the same at any depth: it reads no row before the cursor, and one after the page, which
    /// tells whether there are more.
    async fn page_after(
        &self,
        filter: &IncidentFilter,
        cursor: Option<IncidentId>,
        size: PageSize,
    ) -> Result<Page<Incident>, StoreError> {
        let reader = self.reader();
        let reach = Reach { cursor, offset: 0, limit: u64::from(size.get()) + 1 };
        let page = newest(reader.get_database_backend(), filter, &reach);
        let mut rows = page.all(reader).await.map_err(read_error)?;
        let size = usize::try_from(size.get()).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        Ok(Page { items: entities(rows)?, total: None, has_more })
    }

    /// Counts in the statement that reads the page, so that both see the same incidents.
    async fn numbered_page(
        &self,
        filter: &IncidentFilter,
        page: u32,
        size: PageSize,
    ) -> Result<Page<Incident>, StoreError> {
        let size = u64::from(size.get());
        let offset = u64::from(page.saturating_sub(1)) * size;
        let mut count = Query::select();
        count.expr(Expr::col(Column::Id).count()).from(incident::Entity).cond_where(condition(filter));
        let count = SimpleExpr::SubQuery(None, Box::new(count.into()));
        let reader = self.reader();
        let reach = Reach { cursor: None, offset, limit: size };
        let page = newest(reader.get_database_backend(), filter, &reach).expr_as(count, TOTAL);

        let rows = reader.query_all(page.as_query()).await.map_err(read_error)?;
        let total = match rows.first() {
            Some(row) => total_of(row)?,
            // Beyond the end there is no row to carry the count.
            None => incident::Entity::find().filter(condition(filter)).count(reader).await.map_err(read_error)?,
        };
        let read: Result<Vec<_>, _> = rows.iter().map(|row| incident::Model::from_query_result(row, "")).collect();
        let items: Vec<Incident> = entities(read.map_err(read_error)?)?;
        let seen = offset + items.len() as u64;
        Ok(Page { items, total: Some(total), has_more: seen < total })
    }
}

fn total_of(row: &QueryResult) -> Result<u64, StoreError> {
    let total: i64 = row.try_get_by(TOTAL).map_err(read_error)?;
    u64::try_from(total).map_err(StoreError::unavailable)
}
