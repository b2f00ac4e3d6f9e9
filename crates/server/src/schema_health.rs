//! Whether the schema of the database fits this release.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError, StoreError};
use incident_migrations::SchemaState;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// How long reading the state of the schema may take.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(2);

/// The readiness check: the database responds and its schema is that of this release. Once the schema was found to be
/// current, only the database is checked.
pub(crate) struct SchemaHealth {
    database_url: SecretString,
    database: Arc<dyn HealthCheck>,
    is_current: AtomicBool,
}

impl SchemaHealth {
    pub(crate) fn new(database_url: SecretString, database: Arc<dyn HealthCheck>) -> Self {
        Self { database_url, database, is_current: AtomicBool::new(false) }
    }
}

#[async_trait]
impl HealthCheck for SchemaHealth {
    async fn check(&self) -> Result<(), HealthError> {
        if self.is_current.load(Ordering::Relaxed) {
            return self.database.check().await;
        }
        let state = incident_migrations::schema_state(self.database_url.expose_secret());
        let state = tokio::time::timeout(SCHEMA_TIMEOUT, state).await;
        let state = state.map_err(StoreError::unavailable)?.map_err(StoreError::unavailable)?;
        match advice(&state) {
            None => {
                self.is_current.store(true, Ordering::Relaxed);
                Ok(())
            }
            Some(advice) => Err(HealthError::Schema { advice }),
        }
    }
}

/// Returns what to do about a schema that does not fit; `None` if it fits.
pub(crate) fn advice(state: &SchemaState) -> Option<String> {
    match state {
        SchemaState::Current => None,
        SchemaState::Missing { file } => Some(format!(
            "there is no database file {}; check DATABASE_URL, or run `incident-server migrate up` to create it",
            std::path::absolute(file).as_ref().unwrap_or(file).display()
        )),
        SchemaState::Behind { pending } => Some(format!(
            "the database schema is behind this release by {}; run `incident-server migrate up`",
            steps(pending.len())
        )),
        SchemaState::Ahead { unknown } => Some(format!(
            "the database schema is ahead of this release by {}; start the newer release, or take it back with that \
             release's `incident-server migrate down --steps {}`",
            steps(unknown.len()),
            unknown.len()
        )),
    }
}

/// The schema of the database does not fit this release. The text is the advice.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct SchemaMismatch(String);

/// Fails unless the schema of the database fits this release.
pub(crate) async fn require_current(database_url: &SecretString) -> anyhow::Result<()> {
    match advice(&incident_migrations::schema_state(database_url.expose_secret()).await?) {
        None => Ok(()),
        Some(advice) => Err(SchemaMismatch(advice).into()),
    }
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}
