//! # The storage contract
//!
//! A team that replaces the storage adapter must know that its own does everything that the ports of
//! [`incident_domain`] demand. This crate has a case for every MUST that is written there, and one line makes a test of
//! each, on a store of its own:
//!
//! ```text
//! store_contract!(my_harness);
//! ```
//!
//! The README shows all of it. The crate knows no adapter and looks at nothing but the ports.
//!
//! ## To add a record
//!
//! 1. Write a file for it in the folder of its context in `cases/`, and implement [`Specimen`](standard::Specimen)
//!    there: examples at the limits of every field. Implement [`Changeable`](standard::Changeable),
//!    [`Findable`](standard::Findable) and [`List`](standard::List) if it is one.
//! 2. Name it in the table in `cases/mod.rs` with the groups of standard cases that apply. The case of its fields fails
//!    when a group is missing.
//! 3. Write a case for each MUST of its own queries: an async function whose name is a sentence, which takes the
//!    [`Harness`] and makes what it needs with a [`Scene`](scene::Scene).
//! 4. Add a fault to `crates/memory/tests/mutants/` that only the new case detects.

#![expect(clippy::expect_used, reason = "a case fails by a panic")]

mod case_tests;
pub mod cases;
mod extremes;
mod harness;
mod random;
mod run;
pub mod scene;
pub mod standard;

pub use async_trait::async_trait;
pub use cases::{all_cases, case_named};
pub use harness::{Harness, Ports};
pub use run::{Case, CaseFailure, CaseFuture, prove};

/// The README's examples are compiled as tests.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
