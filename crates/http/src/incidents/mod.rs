//! `/api/v1/incidents`: a file for each operation.

pub(crate) mod body;
pub(crate) mod comment;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod open;
pub(crate) mod patch;
pub(crate) mod verify;
