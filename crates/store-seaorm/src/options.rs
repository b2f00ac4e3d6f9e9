//! How a store is to be opened.

use std::{fmt, time::Duration};

/// Where a store is and how much it may use. Everything but the URL has a default that suits a small
/// server.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// The most connections for reading.
    pub read_connections_max: u32,
    /// How many batches PostgreSQL commits side by side. SQLite has one writer, whatever is said here.
    pub lanes: u32,
    /// The most change sets that one transaction commits.
    pub batch_sets_max: usize,
    /// The most change sets that wait; who comes after that waits for at most `acquire_timeout`.
    pub queue_sets_max: usize,
    /// How long to wait for a connection, or a place in the queue, before the store counts as away.
    pub acquire_timeout: Duration,
    /// How long one transaction may take before its callers are told that the store is away.
    pub transaction_timeout: Duration,
    /// Whether statements are logged.
    pub log_statements: StatementLog,
}

impl StoreOptions {
    /// The defaults, on the database with this URL: `sqlite://path/to/file.db` or
    /// `postgres://user:password@host/database`.
    ///
    /// With SQLite, a commit is on the disk before it is answered. `?synchronous=normal` behind the URL gives that
    /// up for speed, or for showing what it is worth: a power cut may take the last commits with it, while the
    /// file stays whole. Where PostgreSQL is, its own `synchronous_commit` says so.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: DatabaseUrl(url.into()),
            read_connections_max: 8,
            lanes: 2,
            batch_sets_max: 128,
            queue_sets_max: 1024,
            acquire_timeout: Duration::from_secs(2),
            transaction_timeout: Duration::from_secs(30),
            log_statements: StatementLog::Off,
        }
    }
}

/// A database's URL, which may hold a password and is therefore not shown.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split(':').next().unwrap_or_default();
        write!(f, "DatabaseUrl({scheme}:…)")
    }
}

/// Whether statements are logged, at debug level and without their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatementLog {
    /// No.
    #[default]
    Off,
    /// Every one of them, which costs time.
    On,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_shown() {
        let options = StoreOptions::new("postgres://ada:hunter2@localhost/incidents");
        let shown = format!("{options:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("postgres:"), "{shown}");
    }
}
