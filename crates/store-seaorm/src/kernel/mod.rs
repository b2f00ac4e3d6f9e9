//! What every context builds on: the audit, events, jobs, leases, kept replies and the health check.

mod action;
mod event;
mod health;
mod job;
pub(crate) mod lease;
pub(crate) mod reply;
