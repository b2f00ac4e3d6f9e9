//! Replaying another system's log into the in-memory store.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

mod people;
mod rules;
mod scene;
mod steps;
mod stopping;
mod work;
