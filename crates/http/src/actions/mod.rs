//! Resource `actions`: the audit.

pub(crate) mod list;
