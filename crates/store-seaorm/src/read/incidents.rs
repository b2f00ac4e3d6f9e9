//! Reading incidents.

use async_trait::async_trait;
use incident_domain::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, ListCursor, Page, PageRequest,
    PageSize,
    ports::{IncidentRepository, StoreError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entities, few_lengths,
    incident_list::{condition, part},
    order::Reach,
    page::List,
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::incident::{self, Column},
};

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

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(ids.iter().map(|id| id.as_uuid()).collect());
        let incidents = incident::Entity::find().filter(Column::Id.is_in(ids));
        entities(incidents.all(self.reader()).await.map_err(read_error)?)
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = few_lengths(numbers.iter().map(|number| i64::from(number.get())).collect());
        let incidents = incident::Entity::find().filter(Column::Number.is_in(numbers));
        entities(incidents.all(self.reader()).await.map_err(read_error)?)
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
        let ids = incident::Entity::find()
            .select_only()
            .column(Column::Id)
            .apply_if(before, |ids, before| ids.filter(Column::Id.lt(before.as_uuid())))
            .order_by_desc(Column::Id)
            .limit(u64::from(size.get()));
        let ids: Vec<Uuid> = ids.into_tuple().all(self.reader()).await.map_err(read_error)?;
        Ok(ids.into_iter().map(IncidentId::new).collect())
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
