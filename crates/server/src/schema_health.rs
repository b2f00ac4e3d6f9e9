//! Readiness: the database answers, and has the schema of this release.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use incident_domain::ports::{HealthCheck, HealthError, StoreError};
use incident_migrations::SchemaState;
use thiserror::Error;

use crate::config::Secret;

/// How long the database may take to tell its schema.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks for the schema until it is right, and from then on only whether the database answers.
pub(crate) struct SchemaHealth {
    database_url: Secret,
    database: Arc<dyn HealthCheck>,
    is_current: AtomicBool,
}

impl SchemaHealth {
    /// Watches the database with this URL.
    pub(crate) fn new(database_url: Secret, database: Arc<dyn HealthCheck>) -> Self {
        Self { database_url, database, is_current: AtomicBool::new(false) }
    }
}

#[async_trait]
impl HealthCheck for SchemaHealth {
    async fn check(&self) -> Result<(), HealthError> {
        if self.is_current.load(Ordering::Relaxed) {
            return self.database.check().await;
        }
        let asked = tokio::time::timeout(SCHEMA_TIMEOUT, incident_migrations::schema_state(self.database_url.expose()));
        let state = asked.await.map_err(StoreError::unavailable)?.map_err(StoreError::unavailable)?;
        match advice(&state) {
            None => {
                self.is_current.store(true, Ordering::Relaxed);
                Ok(())
            }
            Some(advice) => Err(HealthError::Schema { advice }),
        }
    }
}

/// What to do about a schema that does not fit; `None` when it does.
pub(crate) fn advice(state: &SchemaState) -> Option<String> {
    match state {
        SchemaState::Current => None,
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

/// The schema of a database does not fit this release; the text is the advice.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct SchemaMismatch(String);

/// For commands that cannot wait: refuses a database whose schema does not fit.
pub(crate) async fn require_current(database_url: &Secret) -> anyhow::Result<()> {
    match advice(&incident_migrations::schema_state(database_url.expose()).await?) {
        None => Ok(()),
        Some(advice) => Err(SchemaMismatch(advice).into()),
    }
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}
