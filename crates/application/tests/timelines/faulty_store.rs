//! An in-memory store that simulates concurrent changes, corrupt rows and outages.

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

/// A concurrent change that is committed before the next commit.
pub(crate) type BeforeCommit = Box<dyn FnOnce() -> ChangeSet + Send>;

#[derive(Default)]
pub(crate) struct FaultyStore {
    pub(crate) memory: Arc<MemoryStore>,
    /// Incidents that are listed but no longer exist when they are read.
    pub(crate) deleted_ids: Vec<IncidentId>,
    /// An older state of an incident, returned by its first read.
    pub(crate) stale_incident: Mutex<Option<Incident>>,
    /// Incidents whose rows are unreadable except for the ID.
    pub(crate) unreadable: Vec<IncidentId>,
    /// An entry whose row is unreadable.
    pub(crate) unreadable_entry: Option<(IncidentId, u32)>,
    /// The number of timeline reads after which the store is unavailable.
    pub(crate) reads_max: Option<usize>,
    /// Concurrent changes, each committed before one of the next commits, the last one first.
    pub(crate) before_commits: Mutex<Vec<BeforeCommit>>,
    pub(crate) reads: AtomicUsize,
    pub(crate) concurrent_reads: AtomicUsize,
    pub(crate) concurrent_reads_max: AtomicUsize,
}

impl Scene {
    /// Makes the scene use this store from now on.
    pub(crate) fn install(&mut self, faulty_store: FaultyStore) -> Arc<FaultyStore> {
        let faulty_store = Arc::new(FaultyStore { memory: self.memory.clone(), ..faulty_store });
        self.ports.store = faulty_store.clone();
        self.ports.incidents = faulty_store.clone();
        self.ports.timeline = faulty_store.clone();
        faulty_store
    }
}

impl FaultyStore {
    fn readable(&self, id: IncidentId) -> Result<(), StoreError> {
        if self.unreadable.contains(&id) { Err(StoreError::unreadable("an impossible hash")) } else { Ok(()) }
    }
}

#[async_trait]
impl Repository<Incident> for FaultyStore {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.readable(id)?;
        if let Some(stale_incident) =
            self.stale_incident.lock().expect("not poisoned").take_if(|stale_incident| stale_incident.id == id)
        {
            return Ok(Some(stale_incident));
        }
        Repository::<Incident>::find(&*self.memory, id).await
    }

    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        ids.iter().try_for_each(|id| self.readable(*id))?;
        Repository::<Incident>::find_many(&*self.memory, ids).await
    }
}

#[async_trait]
impl IncidentRepository for FaultyStore {
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
        ids.extend(self.deleted_ids.iter().filter(|id| before.is_none_or(|before| **id < before)));
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
impl TimelineRepository for FaultyStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let concurrent_reads = self.concurrent_reads.fetch_add(1, Ordering::SeqCst) + 1;
        self.concurrent_reads_max.fetch_max(concurrent_reads, Ordering::SeqCst);
        // Yields so that concurrent reads overlap.
        tokio::task::yield_now().await;
        self.concurrent_reads.fetch_sub(1, Ordering::SeqCst);
        let reads = self.reads.fetch_add(1, Ordering::SeqCst);
        if self.reads_max.is_some_and(|reads_max| reads >= reads_max) {
            return Err(StoreError::unavailable("down"));
        }
        let entries = self.memory.entries(incident, after, limit).await?;
        if entries.iter().any(|entry| self.unreadable_entry == Some((entry.incident_id, entry.sequence))) {
            return Err(StoreError::unreadable("impossible details"));
        }
        Ok(entries)
    }

    async fn latest_entries(&self, _: &[IncidentId], _: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let before_commits = self.before_commits.lock().expect("not poisoned").pop();
        if let Some(before_commits) = before_commits {
            self.memory.commit(before_commits()).await?;
        }
        self.memory.commit(changes).await
    }
}
