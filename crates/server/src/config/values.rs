//! Checking single settings. No error shows a value: it may be a secret in the wrong place.

use std::{
    collections::HashMap,
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
    thread,
};

use incident_security::HashCost;
use url::Url;

use super::{ConfigError, Layers, Secret};

/// The fewest characters of a secret.
const SECRET_CHARS_MIN: usize = 32;

/// Every setting's value as text.
pub(super) struct Values(HashMap<String, String>);

impl Values {
    pub(super) fn new(layers: &Layers) -> Result<Self, ConfigError> {
        let mut values = layers.merge()?;
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let by_machine = [("API_WORKERS", processors), ("PASSWORD_HASH_THREADS", (processors / 2).max(1))];
        for (name, number) in by_machine {
            let value = values.entry(name.to_owned()).or_default();
            if value.is_empty() {
                *value = number.to_string();
            }
        }
        Ok(Self(values))
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default().trim()
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &'static str, allowed: &str) -> Result<T, ConfigError> {
        self.text(name).parse().map_err(|_| ConfigError::Value { name, allowed: allowed.to_owned() })
    }

    pub(super) fn between<T: Copy + FromStr + PartialOrd + fmt::Display>(
        &self,
        name: &'static str,
        min: T,
        max: T,
    ) -> Result<T, ConfigError> {
        let parsed = self.text(name).parse().ok().filter(|value| (&min..=&max).contains(&value));
        parsed.ok_or_else(|| ConfigError::Value { name, allowed: format!("a number from {min} to {max}") })
    }

    /// How often something may be done in a minute.
    pub(super) fn per_minute(&self, name: &'static str) -> Result<NonZeroU32, ConfigError> {
        const PER_MINUTE_MAX: u32 = 10_000_000;
        let number: u32 = self.between(name, 1, PER_MINUTE_MAX)?;
        Ok(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.text(name).to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(ConfigError::Value { name, allowed: "true or false".to_owned() }),
        }
    }

    pub(super) fn secret(&self, name: &'static str) -> Result<Option<Secret>, ConfigError> {
        let text = self.text(name);
        let allowed = || format!("at least {SECRET_CHARS_MIN} random characters, such as `openssl rand -hex 32` makes");
        match text.chars().count() {
            0 => Ok(None),
            chars if chars >= SECRET_CHARS_MIN => Ok(Some(Secret::new(text))),
            _ => Err(ConfigError::Value { name, allowed: allowed() }),
        }
    }

    /// Several secrets, separated by commas.
    pub(super) fn secrets(&self, name: &'static str) -> Result<Vec<Secret>, ConfigError> {
        let secrets: Vec<&str> = self.list(name).collect();
        if secrets.iter().any(|secret| secret.chars().count() < SECRET_CHARS_MIN) {
            let allowed = format!("secrets of at least {SECRET_CHARS_MIN} characters, separated by commas");
            return Err(ConfigError::Value { name, allowed });
        }
        Ok(secrets.into_iter().map(Secret::new).collect())
    }

    pub(super) fn path(&self, name: &'static str) -> Option<PathBuf> {
        let text = self.text(name);
        (!text.is_empty()).then(|| text.into())
    }

    /// Several paths, separated by commas.
    pub(super) fn paths(&self, name: &'static str) -> Vec<PathBuf> {
        self.list(name).map(PathBuf::from).collect()
    }

    fn list(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.text(name).split(',').map(str::trim).filter(|item| !item.is_empty())
    }

    pub(super) fn redis_url(&self, name: &'static str) -> Result<Option<Secret>, ConfigError> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        if !text.starts_with("redis://") {
            let allowed = "redis://[user:password@]host[:port][/database]".to_owned();
            return Err(ConfigError::Value { name, allowed });
        }
        Ok(Some(Secret::new(text)))
    }

    /// Without TLS: what holds a collector beside the server, or in its network.
    pub(super) fn otlp_endpoint(&self, name: &'static str) -> Result<Option<Secret>, ConfigError> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host());
        let allowed = "the address of a collector of OTLP over HTTP, such as http://127.0.0.1:4318".to_owned();
        url.map(|url| Some(Secret::new(url))).ok_or(ConfigError::Value { name, allowed })
    }

    pub(super) fn database_url(&self, name: &'static str) -> Result<Secret, ConfigError> {
        let text = self.text(name);
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if !known {
            let allowed = "sqlite://path/to/file.db or postgres://user:password@host/database".to_owned();
            return Err(ConfigError::Value { name, allowed });
        }
        Ok(Secret::new(text))
    }

    pub(super) fn hash_cost(&self, name: &'static str) -> Result<HashCost, ConfigError> {
        let cost = self.between(name, HashCost::MIN, HashCost::MAX)?;
        HashCost::parse(cost).map_err(|error| ConfigError::Value { name, allowed: error.to_string() })
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(tracing::Level);

impl LogLevel {
    pub(super) const ALLOWED: &str = "error, warn, info, debug or trace";

    /// The level itself.
    pub const fn get(self) -> tracing::Level {
        self.0
    }
}

impl FromStr for LogLevel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let level = match text.to_lowercase().as_str() {
            "error" => tracing::Level::ERROR,
            "warn" | "warning" => tracing::Level::WARN,
            "info" => tracing::Level::INFO,
            "debug" => tracing::Level::DEBUG,
            "trace" => tracing::Level::TRACE,
            _ => return Err(()),
        };
        Ok(Self(level))
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.as_str().to_lowercase())
    }
}

/// What a log line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, JSON elsewhere.
    Auto,
    /// For programs.
    Json,
    /// For people.
    Pretty,
}

impl LogFormat {
    pub(super) const ALLOWED: &str = "auto, json or pretty";
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(()),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Json => "json",
            Self::Pretty => "pretty",
        })
    }
}
