//! Tests the contract: each mutant is the memory store with one fault, and at least one case must detect it. Each case
//! must detect at least one mutant, or it proves nothing.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod commit;
mod damage;
mod fault;
mod identity;
mod incidents;
mod kernel;
mod lists;
mod mutant;
mod search;
mod work;

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use fault::Fault;
use incident_memory::MemoryStore;
use incident_store_contract::{Case, Harness, Ports, all_cases, async_trait};
use mutant::{Mutant, Shared};
use tokio::task::JoinSet;

/// A store with a fault, or with none.
struct FaultyStore {
    memory: Arc<MemoryStore>,
    fault: Option<Fault>,
    shared: Arc<Shared>,
    openings: AtomicU32,
}

impl FaultyStore {
    fn with(fault: Option<Fault>) -> Self {
        let (memory, shared) = (Arc::new(MemoryStore::new()), Arc::new(Shared::default()));
        Self { memory, fault, shared, openings: AtomicU32::new(0) }
    }
}

#[async_trait]
impl Harness for FaultyStore {
    async fn open(&self) -> Ports {
        let is_first = self.openings.fetch_add(1, Ordering::SeqCst) == 0;
        let forgets = self.fault == Some(Fault::EachOpeningHasItsOwnData) && !is_first;
        let memory = if forgets { Arc::new(MemoryStore::new()) } else { self.memory.clone() };
        Ports::all_of(Arc::new(Mutant::new(memory, self.fault, self.shared.clone())))
    }
}

/// Runs cases on a fault and returns those that failed, with their messages.
async fn failures(fault: Option<Fault>, cases: &[Case]) -> Vec<(Case, String)> {
    let mut running = JoinSet::new();
    for case in cases.iter().copied() {
        running.spawn(async move { (case, case.check(&FaultyStore::with(fault)).await) });
    }
    let ended = running.join_all().await;
    ended.into_iter().filter_map(|(case, outcome)| Some((case, outcome.err()?.to_string()))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_detected_and_every_case_detects_one() {
    // The failures are expected; those of this test itself are in its result.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let cases = all_cases();
    let without_fault: Vec<_> = failures(None, &cases).await.into_iter().map(|(case, why)| (case.name, why)).collect();
    let mut unproven = cases.clone();
    let mut undetected = Vec::new();
    for fault in Fault::ALL {
        let mut detected_by = failures(Some(*fault), &unproven).await;
        unproven.retain(|case| detected_by.iter().all(|(detecting, _)| detecting.name != case.name));
        // Cases that have already detected another fault run only if no other case detects this one.
        if detected_by.is_empty() {
            detected_by = failures(Some(*fault), &cases).await;
        }
        if detected_by.is_empty() {
            undetected.push(fault);
        }
        println!("{fault:?}: {} cases, {} left", detected_by.len(), unproven.len());
    }
    panic::set_hook(hook);

    assert_eq!(without_fault, [], "the mutant without a fault fails");
    assert!(undetected.is_empty(), "no case detects {undetected:?}");
    let unproven: Vec<_> = unproven.iter().map(|case| case.name).collect();
    assert!(unproven.is_empty(), "these cases detect no fault: {unproven:#?}");
}
