//! The configuration: layers of settings, from the weakest: built-in defaults, a TOML file, `.env`, the
//! environment, flags. A wrong value stops the start with the setting's name and what is allowed.

mod layers;
mod secret;
mod values;

use std::{net::IpAddr, num::NonZeroUsize, time::Duration};

use incident_security::{HashCost, SigningAlgorithm};

pub use layers::{ConfigError, Layers};
pub use secret::Secret;
pub use values::{LogFormat, LogLevel};

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
    /// `SECRET_KEY`: signs access tokens. Needed by `serve`.
    pub secret_key: Option<Secret>,
    /// `TIMELINE_KEY`: seals timelines; it must never change. Needed by `serve` and `import`.
    pub timeline_key: Option<Secret>,
    /// `ALGORITHM`: how access tokens are signed.
    pub algorithm: SigningAlgorithm,
    /// `ACCESS_TOKEN_EXPIRE_MINUTES`.
    pub access_token_lifetime: Duration,
    /// `REFRESH_TOKEN_EXPIRE_DAYS`: how long a session lives.
    pub session_lifetime: Duration,
    /// `BCRYPT_COST`: how much work hashing a password is.
    pub bcrypt_cost: HashCost,
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
            log_level: values.parsed("LOG_LEVEL", LogLevel::ALLOWED)?,
            log_format: values.parsed("LOG_FORMAT", LogFormat::ALLOWED)?,
            database_url: values.database_url("DATABASE_URL")?,
            database_echo: values.flag("DATABASE_ECHO")?,
            database_connections_max: values.between("DATABASE_CONNECTIONS_MAX", 1, 1000)?,
            secret_key: values.secret("SECRET_KEY")?,
            timeline_key: values.secret("TIMELINE_KEY")?,
            algorithm: values.parsed("ALGORITHM", "HS256")?,
            access_token_lifetime: Duration::from_secs(60 * values.between("ACCESS_TOKEN_EXPIRE_MINUTES", 1, 1440)?),
            session_lifetime: Duration::from_secs(86_400 * values.between("REFRESH_TOKEN_EXPIRE_DAYS", 1, 365)?),
            bcrypt_cost: values.hash_cost("BCRYPT_COST")?,
        };
        Ok(config)
    }

    /// The settings as they are in force, each as `NAME = value`, without secrets.
    pub fn describe(&self) -> String {
        let shown = |secret: &Option<Secret>| if secret.is_some() { "(set, not shown)" } else { "(not set)" };
        let lines = [
            ("API_HOST", self.api_host.to_string()),
            ("API_PORT", self.api_port.to_string()),
            ("API_WORKERS", self.api_workers.to_string()),
            ("STOP_TIMEOUT_SECONDS", self.stop_timeout.as_secs().to_string()),
            ("LOG_LEVEL", self.log_level.to_string()),
            ("LOG_FORMAT", self.log_format.to_string()),
            ("DATABASE_URL", self.database_url.without_password()),
            ("DATABASE_ECHO", self.database_echo.to_string()),
            ("DATABASE_CONNECTIONS_MAX", self.database_connections_max.to_string()),
            ("SECRET_KEY", shown(&self.secret_key).to_owned()),
            ("TIMELINE_KEY", shown(&self.timeline_key).to_owned()),
            ("ALGORITHM", self.algorithm.to_string()),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", (self.access_token_lifetime.as_secs() / 60).to_string()),
            ("REFRESH_TOKEN_EXPIRE_DAYS", (self.session_lifetime.as_secs() / 86_400).to_string()),
            ("BCRYPT_COST", self.bcrypt_cost.get().to_string()),
        ];
        let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        lines.join("\n")
    }
}
