//! Incidents and their numbers.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentNumber, IncidentNumbers, IncidentRepository, IncidentSort},
    kernel::{ExternalName, ListCursor, Page, PageRequest, StoreError, UniqueValue},
};

use crate::{kernel::page::sorted, store::MemoryStore};

fn number_value(number: IncidentNumber) -> UniqueValue {
    UniqueValue::new(Incident::NUMBER, [number.get().to_be_bytes().as_slice()])
}

#[async_trait]
impl IncidentRepository for MemoryStore {
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        Ok(self.state().of::<Incident>().with_value(&number_value(number)).cloned())
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        let state = self.state();
        let incidents = state.of::<Incident>();
        let ids = numbers.iter().filter_map(|number| incidents.id_of(&number_value(*number)));
        Ok(incidents.get_many(ids))
    }

    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        let state = self.state();
        let is_found =
            |incident: &Incident| filter.text.as_ref().is_none_or(|text| state.hit(text, incident).is_some());
        let listed = state.of::<Incident>().all().filter(|incident| filter.matches(incident) && is_found(incident));
        Ok(sorted(listed, sort, page))
    }

    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        let state = self.state();
        let is_known = |number: &&ExternalName| {
            let parts = [source.as_str().as_bytes(), number.as_str().as_bytes()];
            state.of::<Incident>().id_of(&UniqueValue::new(Incident::EXTERNAL_REFERENCE, parts)).is_some()
        };
        Ok(numbers.iter().filter(is_known).cloned().collect())
    }
}

#[async_trait]
impl IncidentNumbers for MemoryStore {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        let next = |last: u32| last.checked_add(1);
        let last = self.last_incident_number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let last = last.map_err(|_| StoreError::unavailable("all incident numbers are taken"))?;
        Ok(IncidentNumber::new(last + 1))
    }
}
