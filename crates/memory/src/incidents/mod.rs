//! Incidents and their timelines, searched, counted and listed.

mod incident;
mod overview;
mod search;
mod statistics;
mod timeline;
mod timeline_key;
