//! Change sets of several contexts.

pub mod atomicity;
pub mod concurrency;
pub mod exactly_once;
pub mod visibility;
