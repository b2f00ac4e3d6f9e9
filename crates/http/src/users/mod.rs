//! Users: one's own account, and the management of all.

mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod me;
pub(crate) mod patch;
