//! The store itself: a lock, and a loop over the changes.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use incident_domain::{
    ChangeSet, IncidentNumber,
    ports::{CommitError, HealthCheck, HealthError, IncidentNumbers, Store, StoreError},
};

use crate::state::State;

/// Every port of a store, in memory. Share it as an `Arc`; all that share it see the same data.
///
/// ```
/// use std::sync::Arc;
///
/// use incident_domain::ports::{IncidentRepository, Store};
/// use incident_memory::MemoryStore;
///
/// let memory = Arc::new(MemoryStore::new());
/// let store: Arc<dyn Store> = memory.clone();
/// let incidents: Arc<dyn IncidentRepository> = memory;
/// ```
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    numbers_given: AtomicU32,
}

impl MemoryStore {
    /// An empty store, whose first incident number is `INC-1`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A panic while the lock was held can only have come from a defect here; whatever the set had
    /// written by then is undone before the next one begins.
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

/// There are no more numbers: four thousand million incidents were opened.
#[derive(Debug)]
struct NumbersExhausted;

impl std::fmt::Display for NumbersExhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("all incident numbers are taken")
    }
}

impl std::error::Error for NumbersExhausted {}

#[async_trait]
impl IncidentNumbers for MemoryStore {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        let given = self.numbers_given.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |given| given.checked_add(1));
        let given = given.map_err(|_| StoreError::unavailable(NumbersExhausted))?;
        Ok(IncidentNumber::new(given + 1))
    }
}

#[async_trait]
impl HealthCheck for MemoryStore {
    async fn check(&self) -> Result<(), HealthError> {
        Ok(())
    }
}
