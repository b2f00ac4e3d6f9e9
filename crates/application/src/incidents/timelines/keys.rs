//! Whether this process seals timelines with the key of the store.
//!
//! The store keeps a check value of each key that sealed timelines, never a key. A process whose keys do not include all
//! of them would take timelines for forged and continue them with seals that other processes refuse. So it must not
//! write.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        EntryHash, IncidentId, IncidentNumber, IncidentRepository, KeyCheck, TimelineKey, TimelineKeyRepository,
        TimelineRepository,
    },
    kernel::{PageSize, StoreError},
    write::{ChangeSet, CommitError, Store},
};
use thiserror::Error;

/// How many of the newest incidents show which key sealed the timelines of a store without a check value.
const INCIDENTS_EXAMINED_MAX: u32 = 100;

/// How often a lost race against another process is repeated. Each time, a key was added, which is rare.
const ATTEMPTS_MAX: u32 = 8;

/// What comparing the keys needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct TimelineKeyPorts {
    pub keys: Arc<dyn TimelineKeyRepository>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub timeline: Arc<dyn TimelineRepository>,
}

/// Why this process must not write timelines.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyMismatch {
    /// None of the keys of this process is one of the store's.
    #[error("the timelines of the database were sealed with another key")]
    OtherKey,
    /// The store has keys that this process does not know.
    #[error("{missing} keys that sealed timelines of the database are missing")]
    MissingKeys {
        /// The number of keys that are missing.
        missing: usize,
    },
    /// This process knows all keys of the store, but seals with another one, which was not added yet.
    #[error("the key was not added to the database")]
    NotAdded,
    /// The store has no check value yet, and this process's keys did not seal its timelines.
    #[error("the newest timeline of the database, of {number}, was sealed with another key")]
    DoesNotFit {
        /// The number of the newest incident with a timeline.
        number: IncidentNumber,
    },
}

/// Why the keys cannot be used, or cannot be compared.
#[derive(Debug, Error)]
pub enum TimelineKeyError {
    /// This process must not write.
    #[error(transparent)]
    Mismatch(#[from] KeyMismatch),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// The outcome of a change of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// The key was added.
    Added,
    /// The key was added before.
    AlreadyAdded,
}

/// Compares the keys of this process with those that sealed the timelines of the store.
pub struct TimelineKeys {
    ports: TimelineKeyPorts,
    key: TimelineKey,
    /// Whether the last comparison found no mismatch.
    is_confirmed: AtomicBool,
}

impl TimelineKeys {
    /// Makes a service for these keys. It compares nothing yet.
    pub const fn new(ports: TimelineKeyPorts, key: TimelineKey) -> Self {
        Self { ports, key, is_confirmed: AtomicBool::new(false) }
    }

    /// Compares the keys, and stores the check value of the key that sealed the newest timeline if the store has none
    /// yet. Of several processes with different keys that do this at the same time on an empty store, one succeeds.
    pub async fn confirm(&self) -> Result<(), TimelineKeyError> {
        let confirmed = self.try_confirm().await;
        match &confirmed {
            Ok(()) => self.is_confirmed.store(true, Ordering::Release),
            Err(TimelineKeyError::Mismatch(_)) => self.is_confirmed.store(false, Ordering::Release),
            // What was known of the keys is still true.
            Err(TimelineKeyError::Unavailable(_)) => {}
        }
        confirmed
    }

    /// Checks whether the keys suffice to verify the timelines. Writes nothing, and accepts a store without a check
    /// value.
    pub async fn check_for_reading(&self) -> Result<(), TimelineKeyError> {
        match self.compared_with(&self.ports.keys.key_checks().await?) {
            Err(KeyMismatch::NotAdded) => Ok(()),
            compared => Ok(compared?),
        }
    }

    /// Adds the key that seals to the keys of the store. The other keys of the store must be known to this process, so
    /// that it accepts every earlier timeline.
    pub async fn change(&self) -> Result<KeyChange, TimelineKeyError> {
        let mut attempts = 0;
        loop {
            match self.confirm().await {
                Ok(()) => return Ok(if attempts == 0 { KeyChange::AlreadyAdded } else { KeyChange::Added }),
                Err(TimelineKeyError::Mismatch(KeyMismatch::NotAdded)) if attempts < ATTEMPTS_MAX => {
                    attempts += 1;
                    let known = self.ports.keys.key_checks().await?;
                    self.ports.keys.add_key_check(self.key.check(), count(&known)).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn try_confirm(&self) -> Result<(), TimelineKeyError> {
        let mut checks = self.ports.keys.key_checks().await?;
        if checks.is_empty() {
            let sealer = self.sealer_of_existing_timelines().await?;
            // Another process may be faster; then its key counts.
            self.ports.keys.add_key_check(sealer, 0).await?;
            checks = self.ports.keys.key_checks().await?;
        }
        Ok(self.compared_with(&checks)?)
    }

    fn compared_with(&self, checks: &[KeyCheck]) -> Result<(), KeyMismatch> {
        let accepted = self.key.accepted_checks();
        let missing = checks.iter().filter(|check| !accepted.contains(check)).count();
        match missing {
            0 if checks.is_empty() || checks.contains(&self.key.check()) => Ok(()),
            0 => Err(KeyMismatch::NotAdded),
            missing if missing == checks.len() => Err(KeyMismatch::OtherKey),
            missing => Err(KeyMismatch::MissingKeys { missing }),
        }
    }

    /// Returns the check value of the key that sealed the newest timeline, or else most of the examined ones: a single
    /// timeline may have been tampered with. Without any timeline, it is the key that seals.
    async fn sealer_of_existing_timelines(&self) -> Result<KeyCheck, TimelineKeyError> {
        let size = PageSize::parse(INCIDENTS_EXAMINED_MAX).unwrap_or(PageSize::DEFAULT);
        let (mut newest, mut sealers) = (None, Vec::new());
        for id in self.ports.incidents.ids(None, size).await? {
            let Some((number, sealer)) = self.sealer_of(id).await? else { continue };
            newest = newest.or(Some(number));
            sealers.push(sealer);
        }
        let Some(number) = newest else { return Ok(self.key.check()) };
        let is_by_most = |check: &KeyCheck| {
            let fitting = sealers.iter().filter(|sealer| sealer.as_ref() == Some(check)).count();
            fitting * 2 > sealers.len()
        };
        let by_newest = sealers.first().copied().flatten();
        let by_most = || self.key.accepted_checks().into_iter().find(is_by_most);
        Ok(by_newest.or_else(by_most).ok_or(KeyMismatch::DoesNotFit { number })?)
    }

    /// Returns an incident's number and the check value of the key that sealed its timeline, if it is one of these
    /// keys; `None` if nothing of the timeline can be read. The end may have no seal: earlier releases sealed only
    /// the entries.
    async fn sealer_of(&self, id: IncidentId) -> Result<Option<(IncidentNumber, Option<KeyCheck>)>, StoreError> {
        let incident = match self.ports.incidents.find(id).await {
            Err(error) if error.is_unreadable() => return Ok(None),
            found => found?,
        };
        let Some(incident) = incident else { return Ok(None) };
        let number = incident.number;
        if incident.timeline_seal != EntryHash::NONE {
            return Ok(Some((number, self.key.sealer_of_end(&incident))));
        }
        let first = match self.ports.timeline.entries(id, 0, 1).await {
            Err(error) if error.is_unreadable() => return Ok(None),
            entries => entries?.into_iter().next(),
        };
        Ok(first.map(|first| (number, first.sealer(&self.key, &EntryHash::NONE))))
    }
}

/// A store that refuses every change set until the keys of this process are confirmed.
pub struct ConfirmedStore {
    store: Arc<dyn Store>,
    keys: Arc<TimelineKeys>,
}

impl ConfirmedStore {
    /// Wraps a store.
    pub const fn new(store: Arc<dyn Store>, keys: Arc<TimelineKeys>) -> Self {
        Self { store, keys }
    }
}

#[async_trait]
impl Store for ConfirmedStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        if !self.keys.is_confirmed.load(Ordering::Acquire) {
            self.keys.confirm().await.map_err(|error| match error {
                TimelineKeyError::Mismatch(mismatch) => StoreError::unavailable(mismatch),
                TimelineKeyError::Unavailable(error) => error,
            })?;
        }
        self.store.commit(changes).await
    }
}

fn count(checks: &[KeyCheck]) -> u32 {
    u32::try_from(checks.len()).unwrap_or(u32::MAX)
}
