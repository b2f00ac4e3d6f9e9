//! The audit, events, kept replies, jobs, leases and health.

pub mod action;
pub mod event;
pub mod health;
pub mod job;
pub mod lease;
pub mod reply;
