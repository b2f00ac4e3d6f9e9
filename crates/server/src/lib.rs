//! # The incident server
//!
//! The outermost crate: it reads the configuration, chooses the adapters, and offers the commands of the
//! binary. It is the only crate that names adapters, and it decides nothing about incidents.
//!
//! ## To add a command
//!
//! 1. Add it to `cli.rs`, with help that teaches (long ones stand in `help.rs`).
//! 2. Write `commands/<name>.rs`; what it does to incidents or users is a use case of the application.
//! 3. Take over the snapshot of `--help`.

mod application;
mod cli;
mod commands;
pub mod config;
mod embedded;
mod help;
mod housekeeping;
pub mod import;
mod listening;
mod machine;
mod measuring;
mod progress;
mod quotas;
mod schema_health;
mod seed;
mod stop_signals;
mod telemetry;
mod traces;
mod wiring;

pub use application::Application;
pub use cli::Cli;
pub use commands::{create_admin, run};
pub use wiring::Adapters;
