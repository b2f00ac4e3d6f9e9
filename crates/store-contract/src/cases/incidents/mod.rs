//! Incidents, their timelines, search, statistics and counts.

mod corpus;
pub mod incident;
pub mod incident_list;
pub mod number;
pub mod overview;
pub mod search;
pub mod statistics;
pub mod timeline;
pub mod timeline_key;
