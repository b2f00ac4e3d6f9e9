//! Sessions: one's own, and those of others.

mod body;
mod device_name;
pub(crate) mod end_all;
pub(crate) mod end_one;
pub(crate) mod list;
