//! Resource `users/me/views`: conditions of a list that a user has saved.

pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod filter;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod patch;
