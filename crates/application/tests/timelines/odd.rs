//! The store in memory, with odd things happening in it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentRepository, IncidentSort, TimelineEntry,
        TimelineRepository,
    },
    kernel::{ExternalName, ListCursor, Page, PageRequest, PageSize, Repository, StoreError},
    write::{ChangeSet, CommitError, Store},
};
use incident_memory::MemoryStore;

use crate::scene::Scene;

/// Something that is committed before the next set.
pub(crate) type Meanwhile = Box<dyn FnOnce() -> ChangeSet + Send>;

#[derive(Default)]
pub(crate) struct Odd {
    pub(crate) memory: Arc<MemoryStore>,
    /// Incidents that are named, and are gone when they are read.
    pub(crate) ghosts: Vec<IncidentId>,
    /// An incident as it was, which the first who reads it gets.
    pub(crate) outdated: Mutex<Option<Incident>>,
    /// Incidents of which nothing but the id can be read.
    pub(crate) unreadable: Vec<IncidentId>,
    /// An entry that is none.
    pub(crate) no_entry: Option<(IncidentId, u32)>,
    /// After so many reads of a timeline the store is away.
    pub(crate) reads_max: Option<usize>,
    /// What others commit before what is to be committed, the last one first.
    pub(crate) meanwhile: Mutex<Vec<Meanwhile>>,
    pub(crate) reads: AtomicUsize,
    pub(crate) at_once: AtomicUsize,
    pub(crate) at_once_max: AtomicUsize,
}

impl Scene {
    /// Lets it happen from now on.
    pub(crate) fn with(&mut self, odd: Odd) -> Arc<Odd> {
        let odd = Arc::new(Odd { memory: self.memory.clone(), ..odd });
        self.ports.store = odd.clone();
        self.ports.incidents = odd.clone();
        self.ports.timeline = odd.clone();
        odd
    }
}

impl Odd {
    fn readable(&self, id: IncidentId) -> Result<(), StoreError> {
        if self.unreadable.contains(&id) { Err(StoreError::unreadable("an impossible hash")) } else { Ok(()) }
    }
}

#[async_trait]
impl Repository<Incident> for Odd {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.readable(id)?;
        if let Some(outdated) = self.outdated.lock().expect("not poisoned").take_if(|outdated| outdated.id == id) {
            return Ok(Some(outdated));
        }
        Repository::<Incident>::find(&*self.memory, id).await
    }

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        ids.iter().try_for_each(|id| self.readable(*id))?;
        Repository::<Incident>::find_many(&*self.memory, ids).await
    }
}

#[async_trait]
impl IncidentRepository for Odd {
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        self.memory.find_by_number(number).await
    }

    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError> {
        self.memory.find_many_by_number(numbers).await
    }

    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        let listed = IncidentRepository::list(&*self.memory, filter, sort, page).await?;
        listed.items.iter().try_for_each(|incident| self.readable(incident.id))?;
        Ok(listed)
    }

    async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError> {
        let mut ids = self.memory.ids(before, size).await?;
        ids.extend(self.ghosts.iter().filter(|ghost| before.is_none_or(|before| **ghost < before)));
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }

    async fn existing_external_numbers(
        &self,
        _: &ExternalName,
        _: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl TimelineRepository for Odd {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once_max.fetch_max(at_once, Ordering::SeqCst);
        // Whoever else wants to read has the chance to.
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let reads = self.reads.fetch_add(1, Ordering::SeqCst);
        if self.reads_max.is_some_and(|reads_max| reads >= reads_max) {
            return Err(StoreError::unavailable("the plug is pulled"));
        }
        let entries = self.memory.entries(incident, after, limit).await?;
        if entries.iter().any(|entry| self.no_entry == Some((entry.incident_id, entry.sequence))) {
            return Err(StoreError::unreadable("impossible details"));
        }
        Ok(entries)
    }

    async fn latest_entries(&self, _: &[IncidentId], _: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Store for Odd {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let meanwhile = self.meanwhile.lock().expect("not poisoned").pop();
        if let Some(meanwhile) = meanwhile {
            self.memory.commit(meanwhile()).await?;
        }
        self.memory.commit(changes).await
    }
}
