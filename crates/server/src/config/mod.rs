//! The configuration: layers of settings, from the weakest: built-in defaults, a TOML file, `.env`, the
//! environment, flags. A wrong value stops the start with the setting's name and what is allowed.

mod command_line;
mod layers;
mod secret;
mod service_levels;
mod values;

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use incident_application::ServiceLevels;
use incident_http::{CorsOrigins, TrustedProxies};
use incident_security::{HashCost, SigningAlgorithm};

pub use layers::{ConfigError, Layers};
pub use secret::Secret;
pub use service_levels::PromisedMinutes;
pub use values::{LogFormat, LogLevel};

use service_levels::service_levels;
use values::Values;

/// The file that is read when no other is named, if it is there.
pub const DEFAULT_FILE: &str = "incident-server.toml";

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `API_HOST`: the address to listen on.
    pub api_host: IpAddr,
    /// `API_PORT`: the port to listen on; 0 takes a free one.
    pub api_port: u16,
    /// `API_WORKERS`: how many threads serve requests.
    pub api_workers: NonZeroUsize,
    /// `STOP_TIMEOUT_SECONDS`: how long requests may take to finish after the server was told to stop.
    pub stop_timeout: Duration,
    /// `REQUEST_TIMEOUT_SECONDS`: how long it may take until a request's answer begins.
    pub request_timeout: Duration,
    /// `TLS_CERTIFICATE_FILE`: what the server shows to those who connect, as PEM.
    pub tls_certificate_file: Option<PathBuf>,
    /// `TLS_KEY_FILE`: the private key of the certificate, as PEM.
    pub tls_key_file: Option<PathBuf>,
    /// `CORS_ORIGINS`: whose pages may call.
    pub cors_origins: CorsOrigins,
    /// `DEBUG`: whether the API is shown to people, at `/api/docs`.
    pub debug: bool,
    /// `LOG_LEVEL`.
    pub log_level: LogLevel,
    /// `LOG_FORMAT`.
    pub log_format: LogFormat,
    /// `DATABASE_URL`.
    pub database_url: Secret,
    /// `DATABASE_ECHO`: whether SQL statements are logged.
    pub database_echo: bool,
    /// `DATABASE_CONNECTIONS_MAX`: the most connections for reading.
    pub database_connections_max: u32,
    /// `SECRET_KEY`: signs access tokens. Needed by `serve` when the algorithm is HS256.
    pub secret_key: Option<Secret>,
    /// `SECRET_KEYS_RETIRED`: what signed access tokens that may still be about.
    pub secret_keys_retired: Vec<Secret>,
    /// `SIGNING_KEY_FILE`: the private key that signs access tokens, as PEM. Needed by `serve` when the algorithm is
    /// EdDSA.
    pub signing_key_file: Option<PathBuf>,
    /// `SIGNING_KEY_FILES_RETIRED`: the private or public keys of access tokens that may still be about.
    pub signing_key_files_retired: Vec<PathBuf>,
    /// `TIMELINE_KEY`: seals timelines; it must never change. Needed by `serve` and `import`.
    pub timeline_key: Option<Secret>,
    /// `ALGORITHM`: how access tokens are signed.
    pub algorithm: SigningAlgorithm,
    /// `ACCESS_TOKEN_EXPIRE_MINUTES`.
    pub access_token_lifetime: Duration,
    /// `REFRESH_TOKEN_EXPIRE_DAYS`: how long a session lives, however busy it is.
    pub session_lifetime: Duration,
    /// `SESSION_IDLE_DAYS`: how long a session lives that nothing is heard of.
    pub session_idle_max: Duration,
    /// `IDEMPOTENCY_KEY_HOURS`: how long the reply to a request with a key is kept.
    pub reply_lifetime: Duration,
    /// `BCRYPT_COST`: how much work hashing a password is.
    pub bcrypt_cost: HashCost,
    /// `PASSWORD_HASH_THREADS`: how many passwords are hashed at once.
    pub password_hash_threads: NonZeroUsize,
    /// `SIGN_INS_PER_MINUTE`: for one account from one address.
    pub sign_ins_per_minute: NonZeroU32,
    /// `SIGN_INS_PER_ADDRESS_PER_MINUTE`: from one address, whichever the accounts.
    pub sign_ins_per_address_per_minute: NonZeroU32,
    /// `REQUESTS_PER_MINUTE`: of one user.
    pub requests_per_minute: NonZeroU32,
    /// `REQUESTS_IN_FLIGHT_MAX`: how many requests are worked on at a time, whoever sends them.
    pub requests_in_flight_max: usize,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// `SLA_ACKNOWLEDGE_MINUTES`: within how many minutes incidents are to be acknowledged, by priority.
    pub sla_acknowledge: PromisedMinutes,
    /// `SLA_RESOLVE_MINUTES`: within how many minutes incidents are to be resolved, by priority.
    pub sla_resolve: PromisedMinutes,
    /// `STATISTICS_CACHE_SECONDS`: how long the numbers about incidents are answered again after they were computed.
    pub statistics_lifetime: Duration,
    /// `REDIS_URL`: where replicas count requests, and remember those numbers, together.
    pub redis_url: Option<Secret>,
    /// `METRICS_TOKEN`: what whoever reads the metrics must show.
    pub metrics_token: Option<Secret>,
    /// `OTLP_ENDPOINT`: the collector that traces are sent to.
    pub otlp_endpoint: Option<Secret>,
    /// `OTLP_SAMPLE_RATIO`: how much of the traces that begin here are sent.
    pub otlp_sample_ratio: f64,
}

impl Config {
    /// Reads and checks every setting.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let values = Values::new(layers)?;
        let config = Self {
            api_host: values.parsed("API_HOST", "an IP address such as 127.0.0.1 or 0.0.0.0")?,
            api_port: values.parsed("API_PORT", "a number from 0 to 65535; 0 takes a free port")?,
            api_workers: values.parsed("API_WORKERS", "a number of threads, at least 1")?,
            stop_timeout: Duration::from_secs(values.between("STOP_TIMEOUT_SECONDS", 0, 3600)?),
            request_timeout: Duration::from_secs(values.between("REQUEST_TIMEOUT_SECONDS", 1, 3600)?),
            tls_certificate_file: values.path("TLS_CERTIFICATE_FILE"),
            tls_key_file: values.path("TLS_KEY_FILE"),
            cors_origins: values.parsed("CORS_ORIGINS", CorsOrigins::ALLOWED)?,
            debug: values.flag("DEBUG")?,
            log_level: values.parsed("LOG_LEVEL", LogLevel::ALLOWED)?,
            log_format: values.parsed("LOG_FORMAT", LogFormat::ALLOWED)?,
            database_url: values.database_url("DATABASE_URL")?,
            database_echo: values.flag("DATABASE_ECHO")?,
            database_connections_max: values.between("DATABASE_CONNECTIONS_MAX", 1, 1000)?,
            secret_key: values.secret("SECRET_KEY")?,
            secret_keys_retired: values.secrets("SECRET_KEYS_RETIRED")?,
            signing_key_file: values.path("SIGNING_KEY_FILE"),
            signing_key_files_retired: values.paths("SIGNING_KEY_FILES_RETIRED"),
            timeline_key: values.secret("TIMELINE_KEY")?,
            algorithm: values.parsed("ALGORITHM", "HS256 or EdDSA")?,
            access_token_lifetime: Duration::from_secs(60 * values.between("ACCESS_TOKEN_EXPIRE_MINUTES", 1, 1440)?),
            session_lifetime: Duration::from_secs(86_400 * values.between("REFRESH_TOKEN_EXPIRE_DAYS", 1, 365)?),
            session_idle_max: Duration::from_secs(86_400 * values.between("SESSION_IDLE_DAYS", 1, 365)?),
            reply_lifetime: Duration::from_secs(3600 * values.between("IDEMPOTENCY_KEY_HOURS", 1, 8760)?),
            bcrypt_cost: values.hash_cost("BCRYPT_COST")?,
            password_hash_threads: values.parsed("PASSWORD_HASH_THREADS", "a number of threads, at least 1")?,
            sign_ins_per_minute: values.per_minute("SIGN_INS_PER_MINUTE")?,
            sign_ins_per_address_per_minute: values.per_minute("SIGN_INS_PER_ADDRESS_PER_MINUTE")?,
            requests_per_minute: values.per_minute("REQUESTS_PER_MINUTE")?,
            requests_in_flight_max: values.between("REQUESTS_IN_FLIGHT_MAX", 1, 1_000_000)?,
            trusted_proxies: values
                .parsed("TRUSTED_PROXIES", "addresses or networks such as 10.0.0.0/8, separated by commas")?,
            sla_acknowledge: values.parsed("SLA_ACKNOWLEDGE_MINUTES", PromisedMinutes::ALLOWED)?,
            sla_resolve: values.parsed("SLA_RESOLVE_MINUTES", PromisedMinutes::ALLOWED)?,
            statistics_lifetime: Duration::from_secs(values.between("STATISTICS_CACHE_SECONDS", 0, 3600)?),
            redis_url: values.redis_url("REDIS_URL")?,
            metrics_token: values.secret("METRICS_TOKEN")?,
            otlp_endpoint: values.otlp_endpoint("OTLP_ENDPOINT")?,
            otlp_sample_ratio: values.between("OTLP_SAMPLE_RATIO", 0.0, 1.0)?,
        };
        Ok(config)
    }

    /// What is promised about incidents of each priority.
    pub(crate) fn service_levels(&self) -> ServiceLevels {
        service_levels(self.sla_acknowledge, self.sla_resolve)
    }

    /// The settings as they are in force, each as `NAME = value`, without secrets.
    pub fn describe(&self) -> String {
        let shown = |is_set: bool| if is_set { "(set, not shown)" } else { "(not set)" }.to_owned();
        let path =
            |path: &Option<PathBuf>| path.as_ref().map_or("(not set)".to_owned(), |path| path.display().to_string());
        let paths =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let lines = [
            ("API_HOST", self.api_host.to_string()),
            ("API_PORT", self.api_port.to_string()),
            ("API_WORKERS", self.api_workers.to_string()),
            ("STOP_TIMEOUT_SECONDS", self.stop_timeout.as_secs().to_string()),
            ("REQUEST_TIMEOUT_SECONDS", self.request_timeout.as_secs().to_string()),
            ("TLS_CERTIFICATE_FILE", path(&self.tls_certificate_file)),
            ("TLS_KEY_FILE", path(&self.tls_key_file)),
            ("CORS_ORIGINS", self.cors_origins.to_string()),
            ("DEBUG", self.debug.to_string()),
            ("LOG_LEVEL", self.log_level.to_string()),
            ("LOG_FORMAT", self.log_format.to_string()),
            ("DATABASE_URL", self.database_url.without_password()),
            ("DATABASE_ECHO", self.database_echo.to_string()),
            ("DATABASE_CONNECTIONS_MAX", self.database_connections_max.to_string()),
            ("SECRET_KEY", shown(self.secret_key.is_some())),
            ("SECRET_KEYS_RETIRED", shown(!self.secret_keys_retired.is_empty())),
            ("SIGNING_KEY_FILE", path(&self.signing_key_file)),
            ("SIGNING_KEY_FILES_RETIRED", paths(&self.signing_key_files_retired)),
            ("TIMELINE_KEY", shown(self.timeline_key.is_some())),
            ("ALGORITHM", self.algorithm.to_string()),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", (self.access_token_lifetime.as_secs() / 60).to_string()),
            ("REFRESH_TOKEN_EXPIRE_DAYS", (self.session_lifetime.as_secs() / 86_400).to_string()),
            ("SESSION_IDLE_DAYS", (self.session_idle_max.as_secs() / 86_400).to_string()),
            ("IDEMPOTENCY_KEY_HOURS", (self.reply_lifetime.as_secs() / 3600).to_string()),
            ("BCRYPT_COST", self.bcrypt_cost.get().to_string()),
            ("PASSWORD_HASH_THREADS", self.password_hash_threads.to_string()),
            ("SIGN_INS_PER_MINUTE", self.sign_ins_per_minute.to_string()),
            ("SIGN_INS_PER_ADDRESS_PER_MINUTE", self.sign_ins_per_address_per_minute.to_string()),
            ("REQUESTS_PER_MINUTE", self.requests_per_minute.to_string()),
            ("REQUESTS_IN_FLIGHT_MAX", self.requests_in_flight_max.to_string()),
            ("TRUSTED_PROXIES", self.trusted_proxies.to_string()),
            ("SLA_ACKNOWLEDGE_MINUTES", self.sla_acknowledge.to_string()),
            ("SLA_RESOLVE_MINUTES", self.sla_resolve.to_string()),
            ("STATISTICS_CACHE_SECONDS", self.statistics_lifetime.as_secs().to_string()),
            ("REDIS_URL", self.redis_url.as_ref().map_or("(not set)".to_owned(), Secret::without_password)),
            ("METRICS_TOKEN", shown(self.metrics_token.is_some())),
            ("OTLP_ENDPOINT", self.otlp_endpoint.as_ref().map_or("(not set)".to_owned(), Secret::without_password)),
            ("OTLP_SAMPLE_RATIO", self.otlp_sample_ratio.to_string()),
        ];
        let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        lines.join("\n")
    }
}
