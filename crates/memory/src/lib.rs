//! # The incident platform's store in memory
//!
//! Tests of use cases, of HTTP handlers and of services that embed the domain run on it without a database.
//! [`MemoryStore`] implements every port of a store and passes the contract of all storage adapters. [`ManualClock`]
//! shows the time that a test sets, [`SequentialIds`] and [`SequentialSecrets`] make the same ids and secrets in every
//! run, and [`PlainSeal`] stores replies unencrypted.
//!
//! | port | implemented by |
//! |---|---|
//! | `Store`, every repository, `IncidentNumbers`, `EventLog`, `JobQueue`, `LeaseRepository`, `HealthCheck` | [`MemoryStore`] |
//! | `ReplySeal` | [`PlainSeal`], without encryption |
//! | `Clock` | [`ManualClock`] |
//! | `IdGenerator` | [`SequentialIds`] |
//! | `SecretGenerator` | [`SequentialSecrets`], which can be predicted |
//!
//! The crate depends on the domain only: no database, no runtime, no wall clock, no random numbers. It is neither a
//! cache nor a production store: the data ends with the process.
//!
//! ## To add a record
//!
//! `state.rs` makes a table for every record of the domain's list, with its unique values and references, so that
//! inserting, updating, deleting and finding by id work without further code. Name the record in the imports there,
//! and implement its own queries in a file of its context's folder.

mod apply;
mod identity;
mod incidents;
mod kernel;
mod state;
mod store;
mod table;
mod undo_map;
mod work;

pub use kernel::{
    machine::{ManualClock, SequentialIds, SequentialSecrets},
    seal::PlainSeal,
};
pub use store::MemoryStore;
