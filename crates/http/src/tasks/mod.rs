//! Resource `tasks`, alone and under an incident.

pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod of_incident;
pub(crate) mod patch;
