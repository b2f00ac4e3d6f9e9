//! Resource `events`: the log of published facts.

pub(crate) mod list;
