//! The contract is worth something only if it catches adapters that are wrong: each mutant here is the
//! memory store with one fault, and at least one case must fail on it. The other way round, each case
//! must fail on at least one of them, or it proves nothing.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic, and so may what it is made of")]

mod access;
mod audit;
mod commit;
mod fault;
mod mutant;
mod overview;
mod positions;
mod read;
mod replies;
mod rewrite;
mod work;

use std::{
    collections::BTreeMap,
    panic,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use fault::Fault;
use incident_memory::MemoryStore;
use incident_store_contract::{CASES, Harness, Ports, async_trait};
use mutant::Mutant;
use positions::DrawnLog;
use tokio::task::JoinSet;

/// A store with a fault, or with none.
struct Laboratory {
    memory: Arc<MemoryStore>,
    fault: Option<Fault>,
    log: DrawnLog,
    openings: AtomicU32,
}

impl Laboratory {
    fn with(fault: Option<Fault>) -> Self {
        let (memory, log) = (Arc::new(MemoryStore::new()), DrawnLog::default());
        Self { memory, fault, log, openings: AtomicU32::new(0) }
    }
}

#[async_trait]
impl Harness for Laboratory {
    async fn open(&self) -> Ports {
        let is_restart = self.openings.fetch_add(1, Ordering::SeqCst) > 0;
        let forgets = self.fault == Some(Fault::ForgetsAtRestart) && is_restart;
        let memory = if forgets { Arc::new(MemoryStore::new()) } else { self.memory.clone() };
        Ports::all_of(Arc::new(Mutant::new(memory, self.fault, self.log.clone())))
    }
}

/// The names of the cases that fail, with what they said.
async fn failures(fault: Option<Fault>) -> Vec<(&'static str, String)> {
    let mut failed = Vec::new();
    for case in CASES {
        if let Err(failure) = case.check(&Laboratory::with(fault)).await {
            failed.push((case.name, failure.to_string()));
        }
    }
    failed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutant_is_caught_and_every_case_catches_one() {
    // The failures are what is wanted here; the one of this test itself is told by its result.
    let told_by_the_result = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let without_fault = failures(None).await;
    let caught = |fault| async move {
        let names: Vec<_> = failures(Some(fault)).await.into_iter().map(|(name, _)| name).collect();
        (fault, names)
    };
    let mut trials = JoinSet::new();
    for fault in Fault::all() {
        trials.spawn(caught(fault));
    }
    let caught_by = trials.join_all().await;
    panic::set_hook(told_by_the_result);

    assert_eq!(without_fault, [], "it is the fault that is caught, and not the decorator");
    let mut catches: BTreeMap<_, Vec<Fault>> = CASES.iter().map(|case| (case.name, Vec::new())).collect();
    for (fault, names) in &caught_by {
        println!("{fault:?} is caught by {} of {} cases: {}", names.len(), CASES.len(), names.join(", "));
        for name in names {
            catches.entry(name).or_default().push(*fault);
        }
    }
    let survivors: Vec<_> = caught_by.iter().filter(|(_, names)| names.is_empty()).collect();
    assert!(survivors.is_empty(), "not caught: {survivors:?}");

    // A store that keeps nothing fails nearly everywhere, which says nothing about a case.
    let idle = |faults: &[Fault]| faults.iter().all(|fault| *fault == Fault::StoresNothing);
    let idle: Vec<_> = catches.iter().filter(|(_, faults)| idle(faults)).map(|(name, _)| name).collect();
    assert!(idle.is_empty(), "catch nothing: {idle:?}");
}
