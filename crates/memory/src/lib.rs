//! # The incident platform in memory
//!
//! Why it exists: use cases, HTTP handlers and other teams' services are tested without a database. Every
//! driven port of a store is here, and keeps the same contract as the real ones: [`MemoryStore`] is all of
//! them, [`ManualClock`] tells the time that a test sets, [`SequentialIds`] and [`SequentialSecrets`] make
//! the same ids and secrets at every run, and [`PlainSeal`] seals replies without hiding them.
//!
//! | port | here |
//! |---|---|
//! | `Store` and every repository, `IncidentNumbers`, `EventLog`, `HealthCheck` | [`MemoryStore`] |
//! | `ReplySeal` | [`PlainSeal`], which hides nothing |
//! | `Clock` | [`ManualClock`] |
//! | `IdGenerator` | [`SequentialIds`] |
//! | `SecretGenerator` | [`SequentialSecrets`], which are no secrets |
//!
//! It must never know anything but the domain: no database, no runtime, no wall clock, no randomness. It
//! is no cache and no production store: what it holds ends with the process.
//!
//! ## To add a kind of thing to the store
//!
//! 1. Give it a `Table` in `state.rs`, and name that table in `tables`, so that refused sets
//!    leave it alone.
//! 2. Store it in `apply/`, with its unique keys and references checked before anything is written.
//! 3. Implement its repository in `read/`.

mod apply;
mod machine;
mod read;
mod seal;
mod state;
mod store;
mod table;

pub use machine::{ManualClock, SequentialIds, SequentialSecrets};
pub use seal::PlainSeal;
pub use store::MemoryStore;
