//! The repositories: what is stored, read back.

mod incidents;
mod logs;
mod overview;
mod page;
mod people;
mod replies;
mod saved_views;
mod search;
mod statistics;
mod tasks;
