//! What every context uses.

mod action;
mod event;
mod job;
mod lease;
pub(crate) mod machine;
pub(crate) mod page;
mod reply;
pub(crate) mod seal;
