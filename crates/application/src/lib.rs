//! # The use cases
//!
//! One function for each thing that a caller can do. A use case **reads** through the domain's repositories, **decides**
//! with the domain's pure functions, and **commits** one value. Authorisation belongs here, next to the rule it guards, and
//! so does the format of the events that other systems see.
//!
//! The crate must never know HTTP or SQL, nor which adapters implement the ports.
//!
//! | module | holds |
//! |---|---|
//! | [`kernel`] | principals and permissions, the command runner, kept replies, logs, background jobs |
//! | [`identity`] | accounts, signing in, sessions, API tokens |
//! | [`catalog`] | services |
//! | [`incidents`] | incidents, search, statistics, timelines |
//! | [`work`] | tasks, categories, saved views, the import |
//!
//! A module may use `kernel` and the modules above it in the table, never those below it.
//!
//! ## To add a use case
//!
//! 1. Add a function to the service of its context. A command goes through [`kernel::CommandRunner`], which checks the
//!    caller's right, decides again when another writer was faster, writes refusals to the audit and keeps the reply.
//! 2. Return the change set with its event; the runner adds the audit record.
//! 3. Give each new cause of refusal a variant in the context's rules; the HTTP adapter's match then does not compile until
//!    it maps the variant.

pub mod catalog;
pub mod identity;
pub mod incidents;
pub mod kernel;
pub mod work;

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
