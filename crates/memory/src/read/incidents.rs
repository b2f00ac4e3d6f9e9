//! Incidents and their timelines, read back.

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Included},
};

use async_trait::async_trait;
use incident_domain::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, ListCursor, Page, PageRequest,
    TimelineEntry,
    ports::{IncidentRepository, StoreError, TimelineRepository},
};

use super::page::sorted;
use crate::{
    MemoryStore,
    state::{to_usize, whole_timeline},
};

#[async_trait]
impl IncidentRepository for MemoryStore {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Ok(self.state().incidents.get(&id).cloned())
    }

    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        let state = self.state();
        let id = state.incidents_by_number.get(&number);
        Ok(id.and_then(|id| state.incidents.get(id)).cloned())
    }

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        let state = self.state();
        let ids: BTreeSet<_> = ids.iter().collect();
        Ok(ids.into_iter().filter_map(|id| state.incidents.get(id)).cloned().collect())
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        let state = self.state();
        let ids: BTreeSet<_> = numbers.iter().filter_map(|number| state.incidents_by_number.get(number)).collect();
        Ok(ids.into_iter().filter_map(|id| state.incidents.get(id)).cloned().collect())
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
        let listed = state.incidents.values().filter(|incident| filter.matches(incident) && is_found(incident));
        Ok(sorted(listed, sort, |incident| incident.id.as_uuid(), page))
    }

    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        let state = self.state();
        let is_known = |number: &&ExternalName| {
            state.incidents_by_external.contains_key(&(source.to_string(), number.to_string()))
        };
        Ok(numbers.iter().filter(is_known).cloned().collect())
    }
}

#[async_trait]
impl TimelineRepository for MemoryStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.state();
        let rest = (Excluded((incident, after)), Included((incident, u32::MAX)));
        let wanted = state.entries.range(rest).take(to_usize(limit));
        Ok(wanted.map(|(_, entry)| entry.clone()).collect())
    }

    async fn latest_entries(
        &self,
        incidents: &[IncidentId],
        limit_each: u32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.state();
        let mut latest = Vec::new();
        for incident in incidents {
            let newest_first = state.entries.range(whole_timeline(*incident)).rev().map(|(_, entry)| entry.clone());
            let mut wanted: Vec<_> = newest_first.take(to_usize(limit_each)).collect();
            wanted.reverse();
            latest.append(&mut wanted);
        }
        Ok(latest)
    }
}
