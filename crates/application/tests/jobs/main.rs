//! Background jobs: each has one effect, kinds and partitions do not delay one another, and no job is lost when a
//! worker stops.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod admin;
mod clock_steps;
mod fairness;
mod finishing;
mod leases;
mod periodic;
mod scene;
mod stopping;
mod waking;
