//! Whether this process seals timelines with the key of its database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use incident_application::incidents::{KeyMismatch, TimelineKeyError, TimelineKeys};
use incident_domain::kernel::{HealthCheck, HealthError, StoreError};
use thiserror::Error;
use tokio::time::timeout;

use crate::schema_health::SchemaHealth;

/// How long comparing the keys may take.
const COMPARE_TIMEOUT: Duration = Duration::from_secs(2);

/// The readiness check: the schema fits, and so do the keys. The keys are compared each time, because another process
/// may have added one.
pub(crate) struct TimelineKeyHealth {
    schema: SchemaHealth,
    keys: Arc<TimelineKeys>,
    /// Whether the last comparison found a mismatch, which is logged once.
    is_refused: AtomicBool,
}

impl TimelineKeyHealth {
    pub(crate) const fn new(schema: SchemaHealth, keys: Arc<TimelineKeys>) -> Self {
        Self { schema, keys, is_refused: AtomicBool::new(false) }
    }
}

#[async_trait]
impl HealthCheck for TimelineKeyHealth {
    async fn check(&self) -> Result<(), HealthError> {
        self.schema.check().await?;
        let compared = timeout(COMPARE_TIMEOUT, self.keys.confirm()).await.map_err(StoreError::unavailable)?;
        match compared {
            Ok(()) => {
                self.is_refused.store(false, Ordering::Relaxed);
                Ok(())
            }
            Err(TimelineKeyError::Mismatch(mismatch)) => {
                let advice = advice(&mismatch);
                if !self.is_refused.swap(true, Ordering::Relaxed) {
                    tracing::error!("not ready: {advice}");
                }
                Err(HealthError::TimelineKey { advice })
            }
            Err(TimelineKeyError::Unavailable(error)) => Err(error.into()),
        }
    }
}

/// The timeline key is not that of the database. The text is the advice.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct TimelineKeyRefused(String);

/// Converts the outcome of a comparison for commands: a mismatch is wrong configuration.
pub(crate) fn accepted<T>(compared: Result<T, TimelineKeyError>) -> anyhow::Result<T> {
    compared.map_err(|error| match error {
        TimelineKeyError::Mismatch(mismatch) => TimelineKeyRefused(advice(&mismatch)).into(),
        TimelineKeyError::Unavailable(error) => error.into(),
    })
}

/// Fails if a readiness check has found another key. Any other reason not to be ready may pass.
pub(crate) fn refuse_other_key(ready: Result<(), HealthError>) -> Result<(), TimelineKeyRefused> {
    match ready {
        Err(HealthError::TimelineKey { advice }) => Err(TimelineKeyRefused(advice)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns what to do about keys that do not fit.
fn advice(mismatch: &KeyMismatch) -> String {
    match mismatch {
        KeyMismatch::OtherKey => "TIMELINE_KEY is not the key that sealed the timelines of this database; set the key \
             that its servers used before, from the settings that were kept with the backups. To replace that key, set \
             it in TIMELINE_KEYS_RETIRED and run `incident-server timeline-key change`"
            .to_owned(),
        KeyMismatch::MissingKeys { missing } => format!(
            "TIMELINE_KEYS_RETIRED lacks {} that sealed timelines of this database; set every key that was replaced",
            if *missing == 1 { "a key".to_owned() } else { format!("{missing} keys") }
        ),
        KeyMismatch::NotAdded => "TIMELINE_KEY is new to this database, and TIMELINE_KEYS_RETIRED has its keys; run \
             `incident-server timeline-key change` to seal with the new key from now on"
            .to_owned(),
        KeyMismatch::DoesNotFit { number } => format!(
            "TIMELINE_KEY does not fit the newest timeline of this database, of {number}; set the key that its servers \
             used before, from the settings that were kept with the backups"
        ),
    }
}
