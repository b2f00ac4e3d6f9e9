//! A store that tests look into.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use incident_domain::{
    kernel::{Conflict, Outcome, StoreError},
    write::{AnyRecord, Change, ChangeSet, CommitError, Store},
};
use incident_memory::MemoryStore;
use tokio::task::yield_now;

/// How the store is today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It does what it is told.
    #[default]
    Well,
    /// It does not answer.
    Away,
    /// It does not answer once, and does what it is told from then on.
    AwayOnce,
    /// It stores what was done, and does not answer when something was refused.
    AwayForRefusals,
    /// Somebody else is always faster.
    Stale,
    /// It stores, and the answer is lost once.
    LosesAnAnswer,
}

/// What somebody else does just before something is stored.
type Meanwhile = Box<dyn FnOnce(&MemoryStore) + Send>;

/// The store in memory, which remembers what it was handed.
pub(crate) struct Watched {
    memory: Arc<MemoryStore>,
    handed: Mutex<Vec<ChangeSet>>,
    mood: Mutex<Mood>,
    meanwhile: Mutex<Option<Meanwhile>>,
    turns_waited: usize,
}

impl Watched {
    /// A store that lets others have their turn so many times before it stores something.
    pub(crate) fn new(memory: &Arc<MemoryStore>, turns_waited: usize) -> Self {
        Self {
            memory: memory.clone(),
            handed: Mutex::default(),
            mood: Mutex::default(),
            meanwhile: Mutex::default(),
            turns_waited,
        }
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *lock(&self.mood) = mood;
    }

    /// Lets somebody else do this just before the next set is stored.
    pub(crate) fn meanwhile(&self, meanwhile: impl FnOnce(&MemoryStore) + Send + 'static) {
        *lock(&self.meanwhile) = Some(Box::new(meanwhile));
    }

    /// The sets that it was handed, whatever became of them, since it was last asked.
    pub(crate) fn handed(&self) -> Vec<ChangeSet> {
        std::mem::take(&mut lock(&self.handed))
    }
}

#[async_trait]
impl Store for Watched {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        for _ in 0..self.turns_waited {
            yield_now().await;
        }
        let meanwhile = lock(&self.meanwhile).take();
        if let Some(meanwhile) = meanwhile {
            meanwhile(&self.memory);
        }
        lock(&self.handed).push(changes.clone());
        let mood = *lock(&self.mood);
        match mood {
            Mood::Away => Err(away()),
            Mood::AwayOnce => {
                self.set_mood(Mood::Well);
                Err(away())
            }
            Mood::AwayForRefusals if tells_of_refusal(&changes) => Err(away()),
            Mood::Well | Mood::AwayForRefusals => self.memory.commit(changes).await,
            Mood::Stale => Err(Conflict::Stale.into()),
            Mood::LosesAnAnswer => {
                self.set_mood(Mood::Well);
                self.memory.commit(changes).await?;
                Err(away())
            }
        }
    }
}

fn away() -> CommitError {
    StoreError::unavailable("down").into()
}

fn tells_of_refusal(changes: &ChangeSet) -> bool {
    let is_refusal = |change: &Change| match change {
        Change::Insert(AnyRecord::Action(action)) => matches!(action.outcome, Outcome::Refused { .. }),
        _ => false,
    };
    changes.changes().iter().any(is_refusal)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}
