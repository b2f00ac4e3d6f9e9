//! `/api/v1/incidents`: a file for each operation.

pub(crate) mod body;
pub(crate) mod bulk;
pub(crate) mod comment;
pub(crate) mod conditions;
pub(crate) mod delete;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod open;
pub(crate) mod patch;
mod table;
pub(crate) mod verify;
