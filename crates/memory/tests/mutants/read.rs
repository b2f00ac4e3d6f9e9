//! Faults in what is read.

use async_trait::async_trait;
use incident_domain::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, ListCursor, LoggedEvent, Page,
    PageRequest, PageSize, SortPosition, TimelineEntry,
    ports::{EventLog, IncidentRepository, StoreError, TimelineRepository},
};

use crate::{
    fault::{Condition, Fault},
    mutant::Mutant,
    rewrite::alter,
    work::WorkFault,
};

#[async_trait]
impl IncidentRepository for Mutant {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let mut found = IncidentRepository::find(&*self.memory, id).await?;
        let mut noted = self.noted();
        match self.fault {
            Some(Fault::RemembersWhatItRead) => return Ok(noted.read.entry(id).or_insert(found).clone()),
            Some(Fault::FindsWhatIsDeleted) => {
                found = found.or_else(|| noted.deleted.get(&id).map(|(incident, _)| incident.clone()));
            }
            Some(Fault::KeepsDuplicatesOfWhatIsGone) => {
                let original = noted.originals.get(&id).copied();
                if let (Some(found), Some(original)) = (&mut found, original) {
                    alter(found, |record| record.duplicate_of = Some(original));
                }
            }
            _ => {}
        }
        Ok(found)
    }

    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        self.memory.find_by_number(number).await
    }

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        let mut found = IncidentRepository::find_many(&*self.memory, ids).await?;
        if self.has(Fault::Work(WorkFault::FindsTooFewIncidents)) {
            found.truncate(20);
        }
        Ok(found)
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        let mut found = self.memory.find_many_by_number(numbers).await?;
        if self.has(Fault::Work(WorkFault::FindsTooFewNumbers)) {
            found.truncate(20);
        }
        Ok(found)
    }

    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        if let Some(Fault::Work(fault)) = self.fault {
            return self.incidents_listed_wrongly(fault, filter, sort, page).await;
        }
        let filter = self.misread(filter);
        let wanted = match (self.fault, page.clone()) {
            (Some(Fault::CursorsMustExist), PageRequest::After { cursor: Some(cursor), .. })
                if IncidentRepository::find(&*self.memory, IncidentId::new(cursor.id)).await?.is_none() =>
            {
                return Ok(Page { items: Vec::new(), total: None, has_more: false });
            }
            (Some(Fault::PagesOverlap), PageRequest::After { cursor: Some(cursor), size }) => {
                let id = just_above(IncidentId::new(cursor.id)).as_uuid();
                PageRequest::After { cursor: Some(ListCursor { id, ..cursor }), size }
            }
            _ => page.clone(),
        };
        let mut listed = IncidentRepository::list(&*self.memory, &filter, sort, wanted).await?;
        match (self.fault, page) {
            (Some(Fault::ListsOldestFirst), _) => listed.items.reverse(),
            (Some(Fault::PagesMissOne), _) if listed.has_more => drop(listed.items.remove(0)),
            (Some(Fault::WrongTotals), PageRequest::Numbered { .. }) => {
                listed.total = u64::try_from(listed.items.len()).ok();
            }
            (Some(Fault::CursorsCount), _) => listed.total = listed.total.or(Some(0)),
            (Some(Fault::NeverHasMore), _) => listed.has_more = false,
            (Some(Fault::AlwaysHasMore), _) => listed.has_more = true,
            (Some(Fault::LastPageBeyondTheEnd), PageRequest::Numbered { size, .. }) if listed.items.is_empty() => {
                let first = PageRequest::Numbered { page: 1, size };
                listed = IncidentRepository::list(&*self.memory, &filter, sort, first).await?;
            }
            _ => {}
        }
        Ok(listed)
    }

    async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError> {
        let size =
            if self.has(Fault::IdsWithoutLimit) { PageSize::parse(PageSize::MAX).expect("a size") } else { size };
        let before = if self.has(Fault::IdsFromTheCursorOn) { before.map(just_above) } else { before };
        let cursor = before.map(|id| ListCursor { position: SortPosition::Id, id: id.as_uuid() });
        let page = PageRequest::After { cursor, size };
        let listed = IncidentRepository::list(self, &IncidentFilter::default(), IncidentSort::default(), page).await?;
        let mut ids: Vec<_> = listed.items.iter().map(|incident| incident.id).collect();
        if self.has(Fault::IdsOldestFirst) {
            ids.reverse();
        }
        Ok(ids)
    }

    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        if !self.has(Fault::KnowsExternalNumbersOfAnySource) {
            return self.memory.existing_external_numbers(source, numbers).await;
        }
        let sources = self.noted().sources.clone();
        let mut known = Vec::new();
        for source in sources {
            let source = ExternalName::parse(source).expect("it was one");
            known.append(&mut self.memory.existing_external_numbers(&source, numbers).await?);
        }
        Ok(known)
    }
}

/// The id after which this one comes, in a list whose newest items are first.
fn just_above(id: IncidentId) -> IncidentId {
    IncidentId::new(uuid::Uuid::from_u128(id.as_uuid().as_u128() + 1))
}

impl Mutant {
    /// The filter as it is understood.
    fn misread(&self, filter: &IncidentFilter) -> IncidentFilter {
        let mut filter = filter.clone();
        match self.fault {
            Some(Fault::OnlyTheFirstStatus) => filter.statuses.truncate(1),
            Some(Fault::IgnoresFilter(Condition::Statuses)) => filter.statuses.clear(),
            Some(Fault::IgnoresFilter(Condition::Priorities)) => filter.priorities.clear(),
            Some(Fault::IgnoresFilter(Condition::AssignedTo)) => filter.assigned_to = None,
            Some(Fault::IgnoresFilter(Condition::ReportedBy)) => filter.reported_by = None,
            Some(Fault::IgnoresFilter(Condition::Service)) => filter.service = None,
            Some(Fault::IgnoresFilter(Condition::Category)) => filter.category = None,
            _ => {}
        }
        filter
    }
}

#[async_trait]
impl TimelineRepository for Mutant {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let after = if self.has(Fault::EntriesFromOneTooEarly) { after.saturating_sub(1) } else { after };
        let limit = if self.has(Fault::EntriesWithoutLimit) { u32::MAX } else { limit };
        let mut entries = self.memory.entries(incident, after, limit).await?;
        match self.fault {
            Some(Fault::EntriesNewestFirst) => entries.reverse(),
            Some(Fault::KeepsTheTimelineAfterDeletion) if entries.is_empty() => {
                entries = self.noted().deleted.get(&incident).map(|(_, entries)| entries.clone()).unwrap_or_default();
            }
            Some(Fault::AnswersAnyTimeline) if entries.is_empty() => {
                let any = self.noted().last_opened;
                if let Some(any) = any {
                    entries = self.memory.entries(any, after, limit).await?;
                }
            }
            _ => {}
        }
        Ok(entries)
    }

    async fn latest_entries(&self, asked: &[IncidentId], limit_each: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let mut latest = self.memory.latest_entries(asked, limit_each).await?;
        let last_opened = self.noted().last_opened;
        match (self.fault, last_opened) {
            (Some(Fault::LatestEntriesNewestFirst), _) => latest.reverse(),
            (Some(Fault::LatestEntriesLimitedTogether), _) => {
                latest.truncate(usize::try_from(limit_each).expect("it fits"));
            }
            (Some(Fault::LatestEntriesOfNobodyAreEverybodys), Some(any)) if asked.is_empty() => {
                latest = self.memory.latest_entries(&[any], limit_each).await?;
            }
            _ => {}
        }
        Ok(latest)
    }
}

#[async_trait]
impl EventLog for Mutant {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let limit = if self.has(Fault::EventsWithoutLimit) { u32::MAX } else { limit };
        if let Some(Fault::PositionsDrawn(_)) = self.fault {
            return Ok(self.log.after(position, limit));
        }
        let mut events = self.memory.after(position, limit).await?;
        let mut noted = self.noted();
        match self.fault {
            // As sequences do whose numbers are drawn before the commit.
            Some(Fault::EventsAppearLate) => {
                events.retain(|logged| logged.position % 5 > 0 || !noted.events_asked_for.insert(logged.position));
            }
            Some(Fault::TakesEventsAlongWithTheIncident) => {
                let gone: Vec<_> = noted.deleted.keys().map(|id| format!("incident:{id}")).collect();
                events.retain(|logged| !gone.contains(&logged.event.subject));
            }
            _ => {}
        }
        Ok(events)
    }
}
