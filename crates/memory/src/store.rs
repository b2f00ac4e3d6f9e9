//! The store: the state behind a lock.

use std::sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicU32};

use async_trait::async_trait;
use incident_domain::{
    kernel::{
        HealthCheck, HealthError, ListCursor, Listed, Listing, Page, PageRequest, RecordId, Repository, Sort,
        StoreError,
    },
    write::{ChangeSet, CommitError, Store},
};

use crate::{
    kernel::page::sorted,
    state::{State, Stored},
};

/// Every port of a store, in memory. Share it as an `Arc`; all clones of the `Arc` see the same data.
///
/// ```
/// use std::sync::Arc;
///
/// use incident_domain::{incidents::{IncidentRepository}, write::{Store}};
/// use incident_memory::MemoryStore;
///
/// let memory = Arc::new(MemoryStore::new());
/// let store: Arc<dyn Store> = memory.clone();
/// let incidents: Arc<dyn IncidentRepository> = memory;
/// ```
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    pub(crate) last_incident_number: AtomicU32,
}

impl MemoryStore {
    /// Makes an empty store, whose first incident number is `INC-1`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Locks the state. If an earlier holder of the lock panicked, what its change set had written is undone first.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            self.state.clear_poison();
            let mut state = PoisonError::into_inner(poisoned);
            state.undo();
            state
        })
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let mut state = self.state();
        for change in changes.into_changes() {
            if let Err(conflict) = state.apply(change) {
                state.undo();
                return Err(conflict.into());
            }
        }
        state.keep();
        Ok(())
    }
}

#[async_trait]
impl<R: Stored> Repository<R> for MemoryStore
where
    R::Id: RecordId,
{
    async fn find(&self, id: R::Id) -> Result<Option<R>, StoreError> {
        Ok(self.state().of::<R>().get(&id).cloned())
    }

    async fn find_many(&self, ids: &[R::Id]) -> Result<Vec<R>, StoreError> {
        Ok(self.state().of::<R>().get_many(ids))
    }
}

#[async_trait]
impl<R: Stored + Listed> Listing<R> for MemoryStore {
    async fn list(
        &self,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, StoreError> {
        let state = self.state();
        let listed = state.of::<R>().all().filter(|record| record.matches(filter));
        Ok(sorted(listed, sort, page))
    }
}

#[async_trait]
impl HealthCheck for MemoryStore {
    async fn check(&self) -> Result<(), HealthError> {
        Ok(())
    }
}
