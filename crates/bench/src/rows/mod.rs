//! The rows, a file each: what is done, what is measured, and what is to be reached.

pub(crate) mod enumeration;
pub(crate) mod refresh_race;
pub(crate) mod revocation;
pub(crate) mod sign_in_flood;
pub(crate) mod throttle;
