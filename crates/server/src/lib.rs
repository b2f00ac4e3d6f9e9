//! # The incident server
//!
//! The outermost crate: it reads the configuration, chooses the adapters, and contains the commands of the binary. It
//! is the only crate that names adapters, and contains no rule about incidents.
//!
//! | module | contains |
//! |---|---|
//! | `cli` | the arguments of the command line, and its help |
//! | `commands` | what each command does |
//! | `config` | the settings |
//! | `wiring` | which adapters implement the ports, and the services built on them |
//! | `server` | the HTTP server from start to stop, and its maintenance tasks |
//! | `metrics`, `telemetry` | what the server measures; logs and traces |
//! | `import`, `seed` | incidents from files of other systems; generated incidents |
//!
//! ## To add a command
//!
//! 1. Add it to `cli/mod.rs`, with its help; long help goes into `cli/help.rs`.
//! 2. Write `commands/<name>.rs`. What it does to incidents or users is a use case of the application.
//! 3. Accept the snapshot of its `--help`.

mod cli;
mod commands;
pub mod config;
mod embedded_database;
pub mod import;
mod metrics;
mod new_file;
mod open_permissions;
mod progress_bar;
mod schema_health;
mod seed;
mod server;
mod stop_signals;
mod system;
mod telemetry;
mod timeline_key_health;
mod wiring;

pub use cli::Cli;
pub use commands::{create_admin, run};
pub use server::Application;
pub use wiring::Adapters;
