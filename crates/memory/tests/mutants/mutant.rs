//! The memory store behind a fault.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use incident_domain::{
    for_every_record,
    incidents::{SearchHit, SearchText, Status},
    kernel::{Conflict, OnDelete, Record, RecordId, RecordKey as _, Repository, StoreError, UserId},
    write::{AnyRecord, records::*},
};
use incident_memory::MemoryStore;
use uuid::Uuid;

use crate::fault::Fault;

/// How often a concurrent caller yields, so that others overlap with it.
const YIELDS: usize = 100;

pub(crate) struct Mutant {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) fault: Option<Fault>,
    shared: Arc<Shared>,
}

/// What all openings of one faulty store share.
#[derive(Default)]
pub(crate) struct Shared {
    notes: Mutex<Notes>,
    running: AtomicUsize,
}

/// What some faults remember.
#[derive(Default)]
pub(crate) struct Notes {
    /// The records that were inserted, as they were given.
    pub(crate) inserted: Vec<AnyRecord>,
    pub(crate) last_refusal: Option<Conflict>,
    pub(crate) late_positions: HashSet<u64>,
    pub(crate) claimed: Option<Vec<Job>>,
    pub(crate) renewals: u64,
    pub(crate) absent_replies: HashSet<(UserId, String)>,
    pub(crate) hits: HashMap<SearchText, Vec<SearchHit>>,
    pub(crate) counts: Option<Vec<(Status, u64)>>,
}

impl Notes {
    /// Returns the inserted records of one kind.
    pub(crate) fn all<R: Noted>(&self) -> impl DoubleEndedIterator<Item = &R> {
        self.inserted.iter().filter_map(R::from_any)
    }

    pub(crate) fn has_inserted(&self, uuid: Uuid) -> bool {
        self.inserted.iter().any(|record| referent(record) == Some(uuid))
    }
}

/// A record that the notes hold.
pub(crate) trait Noted: Record {
    fn from_any(any: &AnyRecord) -> Option<&Self>;
}

macro_rules! noted {
    ($($record:ident),+) => {
        $(impl Noted for $record {
            fn from_any(any: &AnyRecord) -> Option<&Self> {
                if let AnyRecord::$record(record) = any { Some(record) } else { None }
            }
        })+

        /// Returns the UUID of a record.
        pub(crate) fn referent(record: &AnyRecord) -> Option<Uuid> {
            match record { $(AnyRecord::$record(record) => record.id().referent()),+ }
        }
    };
}
for_every_record!(noted);

impl Mutant {
    pub(crate) fn new(memory: Arc<MemoryStore>, fault: Option<Fault>, shared: Arc<Shared>) -> Self {
        Self { memory, fault, shared }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.shared.notes.lock().expect("no holder panics")
    }

    /// Runs a call and returns its output, and whether another one of these ran at the same time.
    pub(crate) async fn overlapping<T>(&self, call: impl Future<Output = T>) -> (T, bool) {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        let output = call.await;
        (output, self.shared.running.fetch_sub(1, Ordering::SeqCst) > 1)
    }

    /// Returns a record as this store finds it.
    pub(crate) fn found<R: Noted>(&self, id: &R::Id, stored: Option<R>) -> Option<R> {
        let notes = self.notes();
        let inserted = || notes.all::<R>().rfind(|record| record.id() == *id).cloned();
        match (self.fault, stored) {
            (Some(Fault::FindsDeletedRecords), None) => inserted(),
            (Some(Fault::KeepsReferencesToDeletedRecords), Some(stored)) => {
                let is_weak = |record: &R| record.references().iter().any(|to| to.on_delete == OnDelete::Clear);
                inserted().filter(|inserted| is_weak(inserted) && !is_weak(&stored)).or(Some(stored))
            }
            (_, stored) => stored,
        }
    }

    /// Returns the records of a lookup as this store finds them.
    pub(crate) fn found_many<R>(&self, mut stored: Vec<R>) -> Vec<R> {
        if self.has(Fault::FindsOneOfMany) {
            stored.truncate(1);
        }
        stored
    }
}

#[async_trait]
impl<R: Noted> Repository<R> for Mutant
where
    R::Id: RecordId,
    MemoryStore: Repository<R>,
{
    async fn find(&self, id: R::Id) -> Result<Option<R>, StoreError> {
        let stored = Repository::<R>::find(&*self.memory, id).await?;
        Ok(self.found(&id, stored))
    }

    async fn find_many(&self, ids: &[R::Id]) -> Result<Vec<R>, StoreError> {
        Ok(self.found_many(Repository::<R>::find_many(&*self.memory, ids).await?))
    }
}
