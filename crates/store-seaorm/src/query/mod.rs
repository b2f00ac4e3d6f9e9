//! Reads, whatever is read: by identifiers, and lists in pages. Reads use a pool of their own, so that they never wait
//! for a commit.

pub(crate) mod condition;
pub(crate) mod lengths;
pub(crate) mod list;
pub(crate) mod order;
mod repository;
