//! # What the tests of several crates share
//!
//! | item | purpose |
//! |---|---|
//! | [`Proxy`] | interrupts the connections to a server in several ways |
//! | [`PostgresDatabase`] | a database that is dropped after the test |
//! | [`rng_from_env`] | random numbers that can be repeated |
//! | [`unused_address`] | an address on which no server listens |
//!
//! The crate exists so that each of these is written and tested once. It is only a dev-dependency, and a dependency of the
//! benchmarks, which are not shipped; a law of the architecture checks this. It must never know another crate of the
//! workspace, so that every crate can use it.
//!
//! ## To add an item
//!
//! Move it here when the tests of a second crate need it. What only one crate needs stays in its tests.

mod postgres;
mod proxy;
mod random;

pub use postgres::PostgresDatabase;
pub use proxy::{Proxy, unused_address};
pub use random::rng_from_env;
