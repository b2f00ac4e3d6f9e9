//! # The storage contract
//!
//! Why it exists: a team that swaps the storage adapter has to know that its own keeps every promise of
//! the ports in [`incident_domain::ports`]. This crate has one case for every MUST written there, and one
//! line runs them all, each on a fresh store:
//!
//! ```text
//! store_contract!(my_harness);
//! ```
//!
//! See the README for the whole of it.
//!
//! It must never know which adapters exist, nor look behind the ports.
//!
//! ## To add a case
//!
//! 1. Write the MUST at the port, in the domain.
//! 2. Write the case in the file of `cases/` that is about that port: an async function whose name is a
//!    sentence, taking the [`Harness`], building what it needs with a [`Scene`](scene::Scene).
//! 3. Name it in the list in `cases/mod.rs`; every adapter runs it from then on.
//! 4. Plant a mutant in `crates/memory/tests/mutants/` that only this case catches.

#![expect(clippy::expect_used, reason = "a case fails by panicking, and its message says what was expected")]

mod audit;
pub mod cases;
mod corpus;
mod dice;
mod full;
mod harness;
mod pages;
mod population;
mod refusal;
mod run;
pub mod scene;
mod tests_of_cases;

pub use async_trait::async_trait;
pub use cases::CASES;
pub use harness::{Harness, Ports};
pub use run::{Case, CaseFailure, CaseFuture, prove};

/// The README's examples are compiled as tests.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
