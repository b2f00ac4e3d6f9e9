//! Incidents, their timelines, search and statistics.

mod batch_loader;
pub(crate) mod branches;
pub(crate) mod incident;
pub(crate) mod loaders;
pub(crate) mod numbers;
mod overview;
mod repository;
pub(crate) mod search;
mod statistics;
mod timeline_entry;
mod timeline_key;
