//! Warnings about files with secrets that others can read.

use std::path::Path;

use secrecy::ExposeSecret;

use crate::config::{Config, Layers};

/// Logs which files with settings or with the database other users of the machine can read or change.
pub(crate) fn warn_of_open_files(layers: &Layers, config: &Config) {
    let database = incident_migrations::sqlite_file(config.database_url.expose_secret());
    for file in layers.files().into_iter().chain(database).filter(|file| is_open(file)) {
        tracing::warn!(file = %file.display(), "other users of this machine can read this file: run chmod 600 on it");
    }
}

#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    file.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
