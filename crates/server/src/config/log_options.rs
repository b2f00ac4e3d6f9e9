//! What is logged, and in which form.

use strum::{Display, EnumString};
use tracing::Level;

/// The least severe level that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(ascii_case_insensitive, serialize_all = "lowercase")]
pub enum LogLevel {
    /// Failures that an operator must know of.
    Error,
    /// Failures that the server handled.
    #[strum(to_string = "warn", serialize = "warning")]
    Warn,
    /// What the server does.
    Info,
    /// Details for debugging.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    pub(super) const ALLOWED: &str = "error, warn, info, debug or trace";

    /// Returns the level of the logging library.
    pub const fn level(self) -> Level {
        match self {
            Self::Error => Level::ERROR,
            Self::Warn => Level::WARN,
            Self::Info => Level::INFO,
            Self::Debug => Level::DEBUG,
            Self::Trace => Level::TRACE,
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(ascii_case_insensitive, serialize_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// A JSON object per line.
    Json,
    /// Text for people.
    Pretty,
}

impl LogFormat {
    pub(super) const ALLOWED: &str = "auto, json or pretty";
}
