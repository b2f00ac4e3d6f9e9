//! The adapters behind the ports of the domain and the application.

use std::sync::Arc;

use incident_application::{identity::CallerCache, kernel::JobWaker};
use incident_domain::{
    identity::PasswordHasher,
    kernel::{Cache, Clock, IdGenerator, RateLimiter},
};
use incident_ephemeral::{MemoryCache, MemoryLimiter, RedisCache, RedisLimiter};
use incident_security::{BcryptHasher, HashPoolOptions};
use incident_store_seaorm::{SeaOrmStore, StatementLog, StoreOptions};
use metrics_exporter_prometheus::PrometheusRecorder;
use secrecy::ExposeSecret;

use super::keys::invalid_value;
use crate::{
    config::{Config, ConfigError},
    metrics::{self as server_metrics, MeasuredCache, MeasuredLimiter},
    system::{RandomIds, SystemClock},
};

/// The adapters of one server or command.
#[derive(Clone)]
pub struct Adapters {
    /// The store.
    pub store: Arc<SeaOrmStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The generator of identifiers.
    pub ids: Arc<dyn IdGenerator>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Limits how often requests may come.
    pub limiter: Arc<dyn RateLimiter>,
    /// Caches reports.
    pub(super) cache: Arc<dyn Cache>,
    /// Collects the metrics.
    pub recorder: Arc<PrometheusRecorder>,
    /// Caches the callers that were authenticated.
    pub(super) callers: Arc<CallerCache>,
    /// Wakes the runner of background jobs.
    pub(super) job_waker: JobWaker,
}

impl Adapters {
    /// Builds the adapters. None of them connects to anything yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let recorder = Arc::new(server_metrics::recorder()?);
        // Adapters create their metric handles while they are built.
        metrics::with_local_recorder(&recorder, || Self::with_recorder(config, recorder.clone()))
    }

    fn with_recorder(config: &Config, recorder: Arc<PrometheusRecorder>) -> anyhow::Result<Self> {
        let mut options = StoreOptions::new(config.database_url.expose_secret());
        options.read_connections_max = config.database_connections_max;
        options.log_statements = if config.database_echo { StatementLog::On } else { StatementLog::Off };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let pool = HashPoolOptions::with_threads(config.password_hash_threads);
        Ok(Self {
            store: Arc::new(SeaOrmStore::build(&options)?),
            limiter: Arc::new(MeasuredLimiter::new(limiter(config, &clock)?, recorder.clone())),
            cache: Arc::new(MeasuredCache::new(cache(config, &clock)?, recorder.clone())),
            clock,
            ids: Arc::new(RandomIds::default()),
            hasher: Arc::new(BcryptHasher::try_new(config.bcrypt_cost, pool)?),
            recorder,
            callers: Arc::default(),
            job_waker: JobWaker::default(),
        })
    }
}

/// Builds the rate limiter. Replicas share their counters if a Redis is configured.
fn limiter(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn RateLimiter>, ConfigError> {
    let Some(url) = &config.redis_url else { return Ok(Arc::new(MemoryLimiter::new(clock.clone()))) };
    let limiter = RedisLimiter::try_new(url.expose_secret(), clock.clone());
    Ok(Arc::new(limiter.map_err(|error| invalid_value("REDIS_URL", &error))?))
}

/// Builds the cache. Replicas share its values if a Redis is configured.
fn cache(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Cache>, ConfigError> {
    let Some(url) = &config.redis_url else { return Ok(Arc::new(MemoryCache::new(clock.clone()))) };
    let cache = RedisCache::try_new(url.expose_secret(), clock.clone());
    Ok(Arc::new(cache.map_err(|error| invalid_value("REDIS_URL", &error))?))
}
