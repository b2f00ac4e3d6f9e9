//! How a store is opened.

use std::{fmt, time::Duration};

/// Where a store is, and its limits. Everything but the URL has a default that suits a small server.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// The most connections for reads.
    pub read_connections_max: u32,
    /// How many batches PostgreSQL commits concurrently. SQLite always has one writer.
    pub lanes: u32,
    /// The most change sets that one transaction commits.
    pub batch_sets_max: usize,
    /// The most change sets in the queue. A caller that finds it full waits for at most `acquire_timeout`.
    pub queue_sets_max: usize,
    /// How long to wait for a connection, or for room in the queue, before the store counts as unavailable.
    pub acquire_timeout: Duration,
    /// How long one transaction may take before its callers are answered that the store is unavailable.
    pub transaction_timeout: Duration,
    /// Whether statements are logged.
    pub log_statements: StatementLog,
}

impl StoreOptions {
    /// Returns the defaults for the database with this URL: `sqlite://path/to/file.db` or
    /// `postgres://user:password@host/database`.
    ///
    /// With SQLite, a commit is on the disk before it is answered. `?synchronous=normal` after the URL trades that for
    /// speed: a power failure may lose the last commits, while the file stays intact. PostgreSQL has its own
    /// `synchronous_commit`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: DatabaseUrl(url.into()),
            read_connections_max: 8,
            lanes: 2,
            batch_sets_max: 128,
            queue_sets_max: 1024,
            acquire_timeout: Duration::from_secs(2),
            transaction_timeout: Duration::from_secs(10),
            log_statements: StatementLog::Off,
        }
    }
}

/// The URL of a database, which may contain a password and is therefore not shown.
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
