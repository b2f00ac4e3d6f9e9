//! API tokens: letting machines in.

mod body;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
