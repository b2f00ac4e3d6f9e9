//! Why a configuration is refused.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the configuration cannot be used. No error contains a value: it may be a secret in the wrong setting.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The value of a setting is not allowed.
    #[error("{name} must be {allowed}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What is allowed.
        allowed: String,
    },
    /// A setting that is needed has no value.
    #[error("{name} is not set; it must be {allowed}")]
    NotSet {
        /// The setting.
        name: &'static str,
        /// What is allowed.
        allowed: String,
    },
    /// One secret is used for two purposes.
    #[error(
        "SECRET_KEY and TIMELINE_KEY must differ, and so must their retired keys; the timelines of an existing database keep \
         TIMELINE_KEY, so replace SECRET_KEY by what `openssl rand -hex 32` makes"
    )]
    SameKey,
    /// The file names a setting that does not exist.
    #[error("{file}: there is no setting {name}; known are: {known}")]
    UnknownSetting {
        /// The file.
        file: PathBuf,
        /// The name in the file.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// An argument of `--set` is not a name and a value.
    #[error("--set takes NAME=VALUE, such as --set LOG_LEVEL=debug")]
    SetForm,
    /// `--set` names a setting that does not exist.
    #[error("--set: there is no setting {name}; known are: {known}")]
    UnknownSet {
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The value that `--set` gives would be a secret.
    #[error(
        "--set: {name} would hold a secret, and every user of this machine can read the command line; \
         set it in the environment, in .env or in a TOML file instead"
    )]
    SecretOnCommandLine {
        /// The setting.
        name: &'static str,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// The file.
        file: PathBuf,
        /// The reason, without any value.
        reason: String,
    },
}

impl ConfigError {
    /// Makes the error of a file that cannot be read.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass errors that they own")]
    pub(crate) fn unreadable(file: &Path, reason: impl ToString) -> Self {
        Self::File { file: file.to_owned(), reason: reason.to_string() }
    }
}
