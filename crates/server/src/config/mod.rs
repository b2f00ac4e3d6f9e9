//! The configuration of the server: its settings, where their values come from, and how they are checked.
//!
//! Values come from layers, each of which overrides those before it: built-in defaults, a TOML file, `.env`, the
//! environment, flags. An invalid value stops the program with the name of the setting and what is allowed.
//!
//! ## To add a setting
//!
//! 1. Declare it in `settings.rs`, with its documentation, default and kind. `kinds.rs` has the kinds.
//! 2. Run `just settings`, which writes `.env.example` and `docs/settings.md` from the declarations.

mod declaration;
mod documents;
mod error;
mod kinds;
mod layers;
mod log_options;
mod service_levels;
mod set_flags;
mod settings;
mod url_passwords;

pub(crate) use documents::{env_example, reference};
pub use error::ConfigError;
pub use layers::{DEFAULT_FILE, Layers};
pub use log_options::{LogFormat, LogLevel};
pub use service_levels::TargetMinutes;
pub(crate) use service_levels::service_levels;
pub use settings::Config;
pub(crate) use url_passwords::without_password;
