//! Faults of incidents, timelines, statistics and counts.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    incidents::{
        ExternalReference, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentNumbers, IncidentRepository,
        IncidentSort, IncidentTimes, KeyCheck, OverviewRepository, StatisticsRepository, Status, StatusStep,
        TimelineEntry, TimelineKeyRepository, TimelineRepository,
    },
    kernel::{ExternalName, ListCursor, Page, PageRequest, StoreError, Timestamp},
};

use crate::{fault::Fault, lists::empty, mutant::Mutant};

#[async_trait]
impl IncidentRepository for Mutant {
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        self.memory.find_by_number(number).await
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        Ok(self.found_many(self.memory.find_many_by_number(numbers).await?))
    }

    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        let Some(page) = self.request(page, |cursor| cursor.id) else { return Ok(empty()) };
        Ok(self.page(IncidentRepository::list(&*self.memory, &self.filter(filter), sort, page).await?))
    }

    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        if !self.has(Fault::KnowsNumbersOfAnySource) {
            return self.memory.existing_external_numbers(source, numbers).await;
        }
        let notes = self.notes();
        let known: Vec<&ExternalReference> = notes.all::<Incident>().filter_map(|it| it.external.as_ref()).collect();
        Ok(numbers.iter().filter(|number| known.iter().any(|known| known.number == **number)).cloned().collect())
    }
}

#[async_trait]
impl IncidentNumbers for Mutant {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        let number = self.memory.next().await?;
        Ok(if self.has(Fault::RepeatsNumbers) { IncidentNumber::new(number.get().min(3)) } else { number })
    }
}

#[async_trait]
impl TimelineKeyRepository for Mutant {
    async fn key_checks(&self) -> Result<Vec<KeyCheck>, StoreError> {
        let mut checks = self.memory.key_checks().await?;
        if self.has(Fault::KeyChecksComeInReverse) {
            checks.reverse();
        }
        Ok(checks)
    }

    async fn add_key_check(&self, check: KeyCheck, known: u32) -> Result<bool, StoreError> {
        if self.has(Fault::AddsKeyChecksAfterUnknownOnes) {
            let stored = self.memory.key_checks().await?.len();
            return self.memory.add_key_check(check, u32::try_from(stored).unwrap_or(u32::MAX)).await;
        }
        let add = self.memory.add_key_check(check, known);
        if self.has(Fault::ConcurrentCallersAllSucceed) {
            let (added, is_concurrent) = self.overlapping(add).await;
            return Ok(added? || is_concurrent);
        }
        add.await
    }
}

#[async_trait]
impl TimelineRepository for Mutant {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let limit = if self.has(Fault::LimitsAreIgnored) { u32::MAX } else { limit };
        let entries = self.memory.entries(incident, after, limit).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        let other = match self.fault {
            Some(Fault::FindsDeletedRecords) => {
                let is_deleted = |entry: &&TimelineEntry| entry.incident_id == incident && entry.sequence > after;
                return Ok(self.notes().all().filter(is_deleted).cloned().collect());
            }
            Some(Fault::ReadsAnyTimeline) => self.last_incident(),
            _ => None,
        };
        match other {
            Some(other) => self.memory.entries(other, after, limit).await,
            None => Ok(entries),
        }
    }

    async fn latest_entries(
        &self,
        incidents: &[IncidentId],
        limit_each: u32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let mut latest = self.memory.latest_entries(incidents, limit_each).await?;
        match (self.fault, self.last_incident()) {
            (Some(Fault::LimitsApplyToAllTogether), _) => {
                latest.truncate(usize::try_from(limit_each).expect("it fits"));
            }
            (Some(Fault::ReadsAnyTimeline), Some(any)) if latest.is_empty() => {
                latest = self.memory.latest_entries(&[any], limit_each).await?;
            }
            _ => {}
        }
        Ok(latest)
    }
}

impl Mutant {
    fn last_incident(&self) -> Option<IncidentId> {
        self.notes().all::<Incident>().next_back().map(|incident| incident.id)
    }
}

#[async_trait]
impl StatisticsRepository for Mutant {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        let limit = if self.has(Fault::LimitsAreIgnored) { u32::MAX } else { limit };
        self.memory.times(&self.filter(filter), after, limit).await
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        let count = if self.has(Fault::StepsOfOneIncidentOnly) { incidents.len().min(1) } else { incidents.len() };
        self.memory.status_steps(&incidents[..count]).await
    }
}

#[async_trait]
impl OverviewRepository for Mutant {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let mut counts = self.memory.incidents_by_status().await?;
        match self.fault {
            Some(Fault::LeavesOutEmptyStatuses) => counts.retain(|(_, count)| *count > 0),
            Some(Fault::RemembersCounts) => return Ok(self.notes().counts.get_or_insert(counts).clone()),
            _ => {}
        }
        Ok(counts)
    }

    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        let more = if self.has(Fault::CountsUnusedSessions) { TimeDelta::microseconds(1) } else { TimeDelta::zero() };
        self.memory.live_sessions(now, idle_max + more).await
    }
}
