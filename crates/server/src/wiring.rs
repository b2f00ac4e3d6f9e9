//! The one file that names adapters: which of them stand behind the ports.

use std::{fs, path::Path, sync::Arc};

use incident_application::{
    AccountPorts, Accounts, Auth, AuthPorts, AuthSettings, Categories, CategoryPorts, IncidentPorts, Incidents, Logs,
    RecognisedCallers, RememberedReports, ReplayPorts, Replies, ReplyPorts, SavedViewPorts, SavedViews, Statistics,
    TaskPorts, Tasks, TimelinePorts,
};
use incident_domain::{
    TimelineKey,
    ports::{Cache, Clock, IdGenerator, PasswordHasher, RateLimiter},
};
use incident_http::{AppState, Metrics, TraceContext};
use incident_security::{
    AeadReplySeal, BcryptHasher, CheckingKey, HashPoolOptions, JwtIssuer, KeyError, OsSecrets, SigningAlgorithm,
    SigningKey, TokenNames,
};
use incident_store_seaorm::{SeaOrmStore, StatementLog, StoreOptions};
use incident_volatile::{MemoryCache, MemoryLimiter, RedisCache, RedisLimiter};
use metrics_exporter_prometheus::PrometheusRecorder;

use crate::{
    config::{Config, ConfigError, Secret},
    machine::{RandomIds, SystemClock},
    measuring::{self, MeasuredCache, MeasuredLimiter, Overview, OverviewPorts, Written},
    quotas::quotas,
    schema_health::SchemaHealth,
    traces::W3cTraceContext,
};

/// Who makes the tokens, and whom they are for.
const TOKEN_NAME: &str = "incident-server";

/// The adapters of one running program.
#[derive(Clone)]
pub struct Adapters {
    /// The database.
    pub store: Arc<SeaOrmStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How often requests may come.
    pub limiter: Arc<dyn RateLimiter>,
    /// What was costly to find out.
    cache: Arc<dyn Cache>,
    /// What was measured.
    pub measurements: Arc<PrometheusRecorder>,
    /// Who was recognised a moment ago.
    recognised: Arc<RecognisedCallers>,
}

impl Adapters {
    /// Makes the adapters; none of them connects to anything yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let measurements = Arc::new(measuring::recorder()?);
        // Whoever measures something takes what it measures with from here.
        metrics::with_local_recorder(&measurements, || Self::measured(config, measurements.clone()))
    }

    fn measured(config: &Config, measurements: Arc<PrometheusRecorder>) -> anyhow::Result<Self> {
        let mut options = StoreOptions::new(config.database_url.expose());
        options.read_connections_max = config.database_connections_max;
        options.log_statements = if config.database_echo { StatementLog::On } else { StatementLog::Off };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let pool = HashPoolOptions::with_threads(config.password_hash_threads);
        Ok(Self {
            store: Arc::new(SeaOrmStore::build(&options)?),
            limiter: Arc::new(MeasuredLimiter::new(limiter(config, &clock)?, measurements.clone())),
            cache: Arc::new(MeasuredCache::new(cache(config, &clock)?, measurements.clone())),
            clock,
            ids: Arc::new(RandomIds::new()),
            hasher: Arc::new(BcryptHasher::try_new(config.bcrypt_cost, pool)?),
            measurements,
            recognised: Arc::default(),
        })
    }

    /// Managing accounts.
    pub fn accounts(&self) -> Accounts {
        let ports = AccountPorts {
            store: self.store.clone(),
            users: self.store.clone(),
            hasher: self.hasher.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        Accounts::new(ports, self.recognised.clone())
    }

    /// Taking over incidents from other systems.
    pub fn replay_ports(&self) -> ReplayPorts {
        ReplayPorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Looking after timelines.
    pub fn timeline_ports(&self) -> TimelinePorts {
        TimelinePorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            timeline: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn task_ports(&self) -> TaskPorts {
        TaskPorts {
            store: self.store.clone(),
            tasks: self.store.clone(),
            categories: self.store.clone(),
            incidents: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn category_ports(&self) -> CategoryPorts {
        CategoryPorts {
            store: self.store.clone(),
            categories: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn saved_view_ports(&self) -> SavedViewPorts {
        SavedViewPorts {
            store: self.store.clone(),
            views: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn metrics(&self, config: &Config) -> Metrics {
        let (database, overview, clock) = (self.store.clone(), self.store.clone(), self.clock.clone());
        let overview = Overview::new(OverviewPorts { database, overview, clock }, config.session_idle_max);
        let store = self.store.clone();
        let written = Written::new(self.measurements.clone(), move || store.note_connections(), overview);
        let token = config.metrics_token.as_ref().map(|token| token.expose().to_owned());
        Metrics::new(self.measurements.clone(), Arc::new(written), token)
    }

    fn statistics(&self, config: &Config, seal: &AeadReplySeal) -> Statistics {
        let reports = RememberedReports {
            cache: self.cache.clone(),
            seal: Arc::new(seal.clone()),
            lifetime: config.statistics_lifetime,
            database: config.database_url.without_password(),
        };
        Statistics::new(self.store.clone(), self.clock.clone(), config.service_levels()).remembering(reports)
    }

    fn replies(&self, config: &Config, seal: &AeadReplySeal) -> Replies {
        let ports = ReplyPorts {
            store: self.store.clone(),
            replies: self.store.clone(),
            seal: Arc::new(seal.clone()),
            clock: self.clock.clone(),
        };
        Replies::new(ports, config.reply_lifetime)
    }

    /// What the routes call.
    pub fn services(&self, config: &Config) -> Result<AppState, ConfigError> {
        let auth = AuthPorts {
            store: self.store.clone(),
            users: self.store.clone(),
            sessions: self.store.clone(),
            refresh_tokens: self.store.clone(),
            api_tokens: self.store.clone(),
            hasher: self.hasher.clone(),
            tokens: Arc::new(token_issuer(config)?),
            secrets: Arc::new(OsSecrets),
            limiter: self.limiter.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let incidents = IncidentPorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            timeline: self.store.clone(),
            tasks: self.store.clone(),
            categories: self.store.clone(),
            search: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let incidents = Incidents::new(incidents, timeline_key(config)?);
        let seal = reply_seal(config)?;
        let settings = AuthSettings {
            access_token_lifetime: config.access_token_lifetime,
            session_lifetime: config.session_lifetime,
            session_idle_max: config.session_idle_max,
            quotas: quotas(config),
        };
        Ok(AppState {
            auth: Arc::new(Auth::new(auth, settings, self.recognised.clone())),
            accounts: self.accounts(),
            trusted_proxies: config.trusted_proxies.clone(),
            tasks: Tasks::new(self.task_ports(), &incidents),
            categories: Categories::new(self.category_ports()),
            saved_views: SavedViews::new(self.saved_view_ports()),
            statistics: self.statistics(config, &seal),
            incidents,
            logs: Logs::new(self.store.clone(), self.store.clone()),
            replies: Arc::new(self.replies(config, &seal)),
            readiness: Arc::new(SchemaHealth::new(config.database_url.clone(), self.store.clone())),
            database: self.store.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics(config),
            traces: config.otlp_endpoint.as_ref().map(|_| Arc::new(W3cTraceContext) as Arc<dyn TraceContext>),
        })
    }
}

/// Counts requests: together with other replicas where there is a Redis for it.
fn limiter(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn RateLimiter>, ConfigError> {
    let Some(url) = &config.redis_url else { return Ok(Arc::new(MemoryLimiter::new(clock.clone()))) };
    let limiter = RedisLimiter::try_new(url.expose(), clock.clone());
    Ok(Arc::new(limiter.map_err(|error| wrong_value("REDIS_URL", &error))?))
}

/// Remembers what was costly to find out: together with other replicas where there is a Redis for it.
fn cache(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Cache>, ConfigError> {
    let Some(url) = &config.redis_url else { return Ok(Arc::new(MemoryCache::new(clock.clone()))) };
    let cache = RedisCache::try_new(url.expose(), clock.clone());
    Ok(Arc::new(cache.map_err(|error| wrong_value("REDIS_URL", &error))?))
}

/// What keeps replies and reports from whoever reads where they are kept.
fn reply_seal(config: &Config) -> Result<AeadReplySeal, ConfigError> {
    let secret = required(config.timeline_key.as_ref(), "TIMELINE_KEY")?;
    AeadReplySeal::try_new(secret.expose().as_bytes()).map_err(|error| wrong_value("TIMELINE_KEY", &error))
}

/// Signs with the configured key, and accepts what the retired ones have signed.
fn token_issuer(config: &Config) -> Result<JwtIssuer, ConfigError> {
    let names = TokenNames { issuer: TOKEN_NAME.to_owned(), audience: TOKEN_NAME.to_owned() };
    let mut issuer = JwtIssuer::new(names, signing_key(config)?);
    for secret in &config.secret_keys_retired {
        let key = CheckingKey::try_new(SigningAlgorithm::Hs256, secret.expose().as_bytes());
        issuer = issuer.accepting(key.map_err(|error| wrong_value("SECRET_KEYS_RETIRED", &error))?);
    }
    for file in &config.signing_key_files_retired {
        let key = CheckingKey::try_new(SigningAlgorithm::EdDsa, &read_key(file)?);
        issuer = issuer.accepting(key.map_err(|error| wrong_key_file(file, &error))?);
    }
    Ok(issuer)
}

fn signing_key(config: &Config) -> Result<SigningKey, ConfigError> {
    match config.algorithm {
        SigningAlgorithm::Hs256 => {
            let secret = required(config.secret_key.as_ref(), "SECRET_KEY")?;
            SigningKey::try_new(config.algorithm, secret.expose().as_bytes())
                .map_err(|error| wrong_value("SECRET_KEY", &error))
        }
        SigningAlgorithm::EdDsa => {
            let allowed = "a PEM file with a private key, such as `openssl genpkey -algorithm ed25519` makes";
            let not_set = || ConfigError::NotSet { name: "SIGNING_KEY_FILE", allowed: allowed.to_owned() };
            let file = config.signing_key_file.as_ref().ok_or_else(not_set)?;
            SigningKey::try_new(config.algorithm, &read_key(file)?).map_err(|error| wrong_key_file(file, &error))
        }
    }
}

fn read_key(file: &Path) -> Result<Vec<u8>, ConfigError> {
    fs::read(file).map_err(|error| ConfigError::File { file: file.to_owned(), reason: error.to_string() })
}

fn wrong_key_file(file: &Path, error: &KeyError) -> ConfigError {
    ConfigError::File { file: file.to_owned(), reason: error.to_string() }
}

/// A value that fits the setting's form and not its purpose. The libraries' errors say what it must be.
fn wrong_value(name: &'static str, error: &dyn std::fmt::Display) -> ConfigError {
    let error = error.to_string();
    let allowed = error.strip_prefix("must be ").unwrap_or(&error).to_owned();
    ConfigError::Value { name, allowed }
}

/// The key that seals timelines.
pub(crate) fn timeline_key(config: &Config) -> Result<TimelineKey, ConfigError> {
    let secret = required(config.timeline_key.as_ref(), "TIMELINE_KEY")?;
    Ok(TimelineKey::new(secret.expose().as_bytes()))
}

fn required<'a>(secret: Option<&'a Secret>, name: &'static str) -> Result<&'a Secret, ConfigError> {
    let allowed = "at least 32 random characters, such as `openssl rand -hex 32` makes";
    secret.ok_or_else(|| ConfigError::NotSet { name, allowed: allowed.to_owned() })
}
