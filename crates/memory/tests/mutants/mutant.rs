//! A memory store with a fault: what it is made of, and the ports of which little can be said.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use incident_domain::{
    Incident, IncidentId, IncidentNumber, Status, TimelineEntry,
    ports::{Conflict, HealthCheck, HealthError, IncidentNumbers, StoreError},
};
use incident_memory::MemoryStore;
use uuid::Uuid;

use crate::{access::AccessNotes, fault::Fault, positions::DrawnLog, replies::ReplyNotes, work::WorkNotes};

/// How often a store that compares too early steps aside before it writes.
const OTHERS_LET_IN: usize = 100;

/// The memory store behind a fault.
pub(crate) struct Mutant {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) fault: Option<Fault>,
    pub(crate) log: DrawnLog,
    numbers_given: AtomicU32,
    noted: Mutex<Notes>,
}

/// What some faults have to remember.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) ids: HashSet<Uuid>,
    pub(crate) external: HashSet<String>,
    pub(crate) sources: HashSet<String>,
    pub(crate) deleted: HashMap<IncidentId, (Incident, Vec<TimelineEntry>)>,
    pub(crate) originals: HashMap<IncidentId, IncidentId>,
    pub(crate) read: HashMap<IncidentId, Option<Incident>>,
    pub(crate) last_opened: Option<IncidentId>,
    pub(crate) last_refusal: Option<Conflict>,
    pub(crate) events_asked_for: HashSet<u64>,
    pub(crate) access: AccessNotes,
    pub(crate) replies: ReplyNotes,
    pub(crate) work: WorkNotes,
    pub(crate) counts: Option<Vec<(Status, u64)>>,
    /// Positions that were drawn and not given.
    pub(crate) block: VecDeque<u64>,
    pub(crate) actions: Vec<incident_domain::ActionId>,
}

impl Mutant {
    pub(crate) fn new(memory: Arc<MemoryStore>, fault: Option<Fault>, log: DrawnLog) -> Self {
        Self { memory, fault, log, numbers_given: AtomicU32::new(0), noted: Mutex::default() }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Gives all others time to write what this one has looked at.
    pub(crate) async fn let_others_in(&self) {
        for _ in 0..OTHERS_LET_IN {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn noted(&self) -> MutexGuard<'_, Notes> {
        self.noted.lock().unwrap()
    }
}

#[async_trait]
impl IncidentNumbers for Mutant {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        let own = self.numbers_given.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Some(Fault::RepeatsNumbers) => Ok(IncidentNumber::new(1 + own - own / 20)),
            Some(Fault::NumbersBeginAnew) => Ok(IncidentNumber::new(1 + own)),
            _ => self.memory.next().await,
        }
    }
}

#[async_trait]
impl HealthCheck for Mutant {
    async fn check(&self) -> Result<(), HealthError> {
        if self.has(Fault::SaysThatItCannotServe) {
            return Err(HealthError::Schema { advice: "migrate".to_owned() });
        }
        self.memory.check().await
    }
}
