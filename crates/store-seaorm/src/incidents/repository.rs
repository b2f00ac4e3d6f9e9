//! Reading incidents.

use std::collections::HashSet;

use async_trait::async_trait;
use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentRepository, IncidentSort},
    kernel::{ExternalName, ListCursor, Page, PageRequest, PageSize, StoreError},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{
    incident::{Column, Entity},
    list::{condition, part},
};
use crate::{
    SeaOrmStore,
    error::read_error,
    query::{lengths::few_lengths, list::List, order::Reach},
    record::stored::records,
};

/// The name of a list of numbers in a query, and the name that both databases give to its only column.
const NUMBERS: &str = "numbers";
const VALUE: &str = "column1";

#[async_trait]
impl IncidentRepository for SeaOrmStore {
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        self.incident_loaders().by_number(self.reader(), number).await
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(|number| i64::from(number.get())).collect());
        records(Entity::find().filter(Column::Number.is_in(numbers)).all(self.reader()).await)
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
        let ids = Entity::find()
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
        // Each number is looked up in the index by itself. With few statistics, PostgreSQL would otherwise compare every
        // incident of the source with each of the numbers.
        let same = Entity::find()
            .select_only()
            .column(Column::ExternalNumber)
            .filter(Column::ExternalSource.eq(source.as_str()))
            .filter(Expr::col(Column::ExternalNumber).equals((NUMBERS, VALUE)));
        let mut each = Query::select();
        each.expr(SimpleExpr::SubQuery(None, Box::new(same.into_query().into()))).from_values(numbers, NUMBERS);
        let rows = self.reader().query_all(&each).await.map_err(read_error)?;
        let existing = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Option<String>>, _>>();
        let existing: HashSet<String> = existing.map_err(read_error)?.into_iter().flatten().collect();
        existing.into_iter().map(|number| ExternalName::parse(number).map_err(StoreError::unavailable)).collect()
    }
}
