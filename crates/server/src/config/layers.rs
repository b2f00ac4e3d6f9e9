//! Putting the layers of settings together.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat};
use thiserror::Error;

use super::DEFAULT_FILE;

/// Every setting, with its built-in value; an empty one stands for "not set".
const DEFAULTS: &[(&str, &str)] = &[
    ("API_HOST", "127.0.0.1"),
    ("API_PORT", "8080"),
    ("API_WORKERS", ""),
    ("STOP_TIMEOUT_SECONDS", "30"),
    ("REQUEST_TIMEOUT_SECONDS", "30"),
    ("TLS_CERTIFICATE_FILE", ""),
    ("TLS_KEY_FILE", ""),
    ("CORS_ORIGINS", ""),
    ("DEBUG", "false"),
    ("LOG_LEVEL", "info"),
    ("LOG_FORMAT", "auto"),
    ("DATABASE_URL", "sqlite://data/incidents.db"),
    ("DATABASE_ECHO", "false"),
    ("DATABASE_CONNECTIONS_MAX", "8"),
    ("SECRET_KEY", ""),
    ("SECRET_KEYS_RETIRED", ""),
    ("SIGNING_KEY_FILE", ""),
    ("SIGNING_KEY_FILES_RETIRED", ""),
    ("TIMELINE_KEY", ""),
    ("ALGORITHM", "HS256"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "15"),
    ("REFRESH_TOKEN_EXPIRE_DAYS", "30"),
    ("SESSION_IDLE_DAYS", "7"),
    ("IDEMPOTENCY_KEY_HOURS", "24"),
    ("BCRYPT_COST", "12"),
    ("PASSWORD_HASH_THREADS", ""),
    ("SIGN_INS_PER_MINUTE", "5"),
    ("SIGN_INS_PER_ADDRESS_PER_MINUTE", "60"),
    ("REQUESTS_PER_MINUTE", "60000"),
    ("REQUESTS_IN_FLIGHT_MAX", "1024"),
    ("TRUSTED_PROXIES", ""),
    ("SLA_ACKNOWLEDGE_MINUTES", "critical:15,high:60,medium:240,low:1440"),
    ("SLA_RESOLVE_MINUTES", "critical:240,high:1440,medium:4320,low:10080"),
    ("STATISTICS_CACHE_SECONDS", "10"),
    ("REDIS_URL", ""),
    ("METRICS_TOKEN", ""),
    ("OTLP_ENDPOINT", ""),
    ("OTLP_SAMPLE_RATIO", "1"),
];

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A setting has a value that it cannot have.
    #[error("{name} must be {allowed}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What it may be.
        allowed: String,
    },
    /// A setting is needed and has no value.
    #[error("{name} is not set; it must be {allowed}")]
    NotSet {
        /// The setting.
        name: &'static str,
        /// What it may be.
        allowed: String,
    },
    /// The file has a setting that does not exist.
    #[error("{file}: there is no setting {name}; known are: {known}")]
    UnknownSetting {
        /// The file.
        file: PathBuf,
        /// What it says.
        name: String,
        /// What it may say.
        known: String,
    },
    /// `--set` was given something else than a name and a value.
    #[error("--set takes NAME=VALUE, such as --set LOG_LEVEL=debug")]
    SetForm,
    /// `--set` names a setting that does not exist.
    #[error("--set: there is no setting {name}; known are: {known}")]
    UnknownSet {
        /// What it names.
        name: String,
        /// What it may name.
        known: String,
    },
    /// `--set` was given a secret.
    #[error(
        "--set: {name} would hold a secret, and every user of this machine can read the command line; \
         set it in the environment, in .env or in a TOML file instead"
    )]
    SecretOnCommandLine {
        /// The setting.
        name: &'static str,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// The file.
        file: PathBuf,
        /// Why; never a value.
        reason: String,
    },
}

/// The setting of this name, whichever its case; or the names of those that there are.
pub(super) fn known_name(name: &str) -> Result<&'static str, String> {
    let names = || DEFAULTS.iter().map(|(known, _)| *known);
    let known = names().find(|known| known.eq_ignore_ascii_case(name));
    known.ok_or_else(|| names().collect::<Vec<_>>().join(", "))
}

/// Where settings come from, besides the built-in defaults.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Over the built-in defaults, and under everything that anybody set.
    defaults: HashMap<String, String>,
    /// A TOML file; [`DEFAULT_FILE`] is read if it is there.
    file: Option<PathBuf>,
    dotenv: HashMap<String, String>,
    environment: HashMap<String, String>,
    flags: HashMap<String, String>,
}

impl Layers {
    /// The layers of this process: the file if it is named, `.env` in the working directory, the
    /// environment.
    pub fn of_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        let dotenv_file = Path::new(".env");
        let unreadable = |error: &dyn std::fmt::Display| ConfigError::File {
            file: dotenv_file.to_owned(),
            reason: error.to_string(),
        };
        let dotenv = match dotenvy::from_path_iter(dotenv_file) {
            Ok(variables) => {
                variables.collect::<Result<_, _>>().map_err(|_| unreadable(&"a line has no NAME=value form"))?
            }
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(unreadable(&error)),
        };
        let environment = DEFAULTS.iter().filter_map(|(name, _)| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        let environment = environment.collect();
        Ok(Self { file: file.map(Path::to_owned), dotenv, environment, ..Self::default() })
    }

    /// Sets a value under everything that anybody set, in place of the built-in default.
    #[must_use]
    pub fn with_default(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.defaults.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a value over everything else, as a flag does.
    #[must_use]
    pub fn with_flag(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.flags.insert(name.to_owned(), value.into());
        self
    }

    /// Sets over everything else what is a flag of these.
    #[must_use]
    pub(crate) fn with_flags_of(mut self, other: &Self) -> Self {
        self.flags.extend(other.flags.clone());
        self
    }

    /// Whether a flag gives a setting.
    pub(crate) fn has_flag(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    /// Whether anything but the built-in defaults gives a setting.
    pub fn gives(&self, name: &str) -> Result<bool, ConfigError> {
        let given = self.merged(HashMap::new())?;
        Ok(given.get(name).is_some_and(|value| !value.is_empty()))
    }

    /// Every setting's value as text.
    pub(super) fn merge(&self) -> Result<HashMap<String, String>, ConfigError> {
        let mut defaults: HashMap<_, _> = DEFAULTS.iter().copied().collect();
        defaults.extend(self.defaults.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.merged(defaults)
    }

    fn merged(&self, defaults: HashMap<&str, &str>) -> Result<HashMap<String, String>, ConfigError> {
        let file = self.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        let unreadable =
            |error: config::ConfigError| ConfigError::File { file: file.clone(), reason: error.to_string() };
        let mut builder = config::Config::builder();
        for (name, value) in defaults {
            // The library tells names apart by case, and its environment layer has them in lower case.
            builder = builder.set_default(name.to_lowercase(), value).map_err(unreadable)?;
        }
        let source = File::from(file.clone()).format(FileFormat::Toml).required(self.file.is_some());
        builder = builder.add_source(source);
        for layer in [&without_empty(&self.dotenv), &without_empty(&self.environment), &self.flags] {
            let known = |(name, _): &(&String, &String)| DEFAULTS.iter().any(|(known, _)| known == name);
            let layer = layer.iter().filter(known).map(|(name, value)| (name.clone(), value.clone())).collect();
            builder = builder.add_source(Environment::default().source(Some(layer)));
        }
        let merged = builder.build().map_err(unreadable)?;
        let merged: HashMap<String, config::Value> = merged.try_deserialize().map_err(unreadable)?;
        let mut values = HashMap::new();
        for (name, value) in merged {
            let name = name.to_uppercase();
            if let Err(known) = known_name(&name) {
                return Err(ConfigError::UnknownSetting { file, name, known });
            }
            let text = value.into_string().map_err(|_| ConfigError::File {
                file: file.clone(),
                reason: format!("{name} must be a text, a number, true or false"),
            })?;
            values.insert(name, text);
        }
        Ok(values)
    }
}

/// The variables that say something: files of them list what nobody has set yet, which must not hide what a weaker
/// layer says.
fn without_empty(variables: &HashMap<String, String>) -> HashMap<String, String> {
    let given = variables.iter().filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn each_layer_overrides_those_before_it() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, "api_port = 2\n").unwrap();
        let port = |layers: &Layers| layers.merge().unwrap().remove("API_PORT");
        let given = |value: &str| HashMap::from([("API_PORT".to_owned(), value.to_owned())]);

        let mut layers = Layers::default();
        assert_eq!(port(&layers).as_deref(), Some("8080"), "built in");
        layers = layers.with_default("API_PORT", "1");
        assert_eq!(port(&layers).as_deref(), Some("1"), "the command's own default");
        assert!(!layers.gives("API_PORT").unwrap(), "nobody has set it");
        layers.file = Some(file);
        assert_eq!(port(&layers).as_deref(), Some("2"), "the file");
        assert!(layers.gives("API_PORT").unwrap());
        layers.dotenv = given("3");
        assert_eq!(port(&layers).as_deref(), Some("3"), ".env");
        layers.environment = given("4");
        assert_eq!(port(&layers).as_deref(), Some("4"), "the environment");
        layers.environment = given("");
        assert_eq!(port(&layers).as_deref(), Some("3"), "what is empty is not given");
        layers = layers.with_flag("API_PORT", "5");
        assert_eq!(port(&layers).as_deref(), Some("5"), "a flag");
    }
}
