//! An in-memory store that records commits and simulates failures.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use incident_domain::{
    kernel::{Conflict, Outcome, StoreError},
    write::{AnyRecord, Change, ChangeSet, CommitError, Store},
};
use incident_memory::MemoryStore;
use tokio::task::yield_now;

/// The failure that the store simulates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FaultMode {
    /// Commits succeed.
    #[default]
    Healthy,
    /// Every commit fails as unavailable.
    Unavailable,
    /// The first commit fails as unavailable; later ones succeed.
    UnavailableOnce,
    /// Commits that record a refusal fail as unavailable; all others succeed.
    UnavailableForRefusals,
    /// Every commit fails with a version conflict.
    Stale,
    /// The first commit is stored but reported as unavailable; later ones succeed.
    LosesReplyOnce,
}

/// A concurrent change that runs just before a commit.
type BeforeCommit = Box<dyn FnOnce(&MemoryStore) + Send>;

/// The in-memory store, which records every change set that it receives.
pub(crate) struct RecordingStore {
    memory: Arc<MemoryStore>,
    commits: Mutex<Vec<ChangeSet>>,
    fault_mode: Mutex<FaultMode>,
    before_next_commit: Mutex<Option<BeforeCommit>>,
    yields_before_commit: usize,
}

impl RecordingStore {
    /// Creates a store that yields to other tasks this many times before each commit.
    pub(crate) fn new(memory: &Arc<MemoryStore>, yields_before_commit: usize) -> Self {
        Self {
            memory: memory.clone(),
            commits: Mutex::default(),
            fault_mode: Mutex::default(),
            before_next_commit: Mutex::default(),
            yields_before_commit,
        }
    }

    pub(crate) fn set_fault_mode(&self, fault_mode: FaultMode) {
        *lock(&self.fault_mode) = fault_mode;
    }

    /// Runs a concurrent change just before the next commit.
    pub(crate) fn before_next_commit(&self, before_next_commit: impl FnOnce(&MemoryStore) + Send + 'static) {
        *lock(&self.before_next_commit) = Some(Box::new(before_next_commit));
    }

    /// Returns the change sets received since the last call, including those whose commit failed.
    pub(crate) fn take_commits(&self) -> Vec<ChangeSet> {
        std::mem::take(&mut lock(&self.commits))
    }
}

#[async_trait]
impl Store for RecordingStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        for _ in 0..self.yields_before_commit {
            yield_now().await;
        }
        let before_next_commit = lock(&self.before_next_commit).take();
        if let Some(before_next_commit) = before_next_commit {
            before_next_commit(&self.memory);
        }
        lock(&self.commits).push(changes.clone());
        let fault_mode = *lock(&self.fault_mode);
        match fault_mode {
            FaultMode::Unavailable => Err(unavailable()),
            FaultMode::UnavailableOnce => {
                self.set_fault_mode(FaultMode::Healthy);
                Err(unavailable())
            }
            FaultMode::UnavailableForRefusals if records_refusal(&changes) => Err(unavailable()),
            FaultMode::Healthy | FaultMode::UnavailableForRefusals => self.memory.commit(changes).await,
            FaultMode::Stale => Err(Conflict::Stale.into()),
            FaultMode::LosesReplyOnce => {
                self.set_fault_mode(FaultMode::Healthy);
                self.memory.commit(changes).await?;
                Err(unavailable())
            }
        }
    }
}

fn unavailable() -> CommitError {
    StoreError::unavailable("down").into()
}

fn records_refusal(changes: &ChangeSet) -> bool {
    let is_refusal = |change: &Change| match change {
        Change::Insert(AnyRecord::Action(action)) => matches!(action.outcome, Outcome::Refused { .. }),
        _ => false,
    };
    changes.changes().iter().any(is_refusal)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}
