//! The rows, a file each: what is done, what is measured, and what is to be reached.

pub(crate) mod commit;
pub(crate) mod crash;
pub(crate) mod database_away;
pub(crate) mod durability;
pub(crate) mod enumeration;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod hot_etag;
pub(crate) mod hot_incident;
pub(crate) mod import;
pub(crate) mod lists;
pub(crate) mod open;
pub(crate) mod overload;
pub(crate) mod refresh_race;
pub(crate) mod revocation;
pub(crate) mod same_key;
pub(crate) mod scale;
pub(crate) mod sign_in_flood;
pub(crate) mod speed;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod storm;
pub(crate) mod throttle;
pub(crate) mod timelines;
