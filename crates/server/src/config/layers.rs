//! The layers that settings come from, and how they are merged.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};

use super::{
    ConfigError,
    declaration::{DefaultValue, Setting, Values},
    settings::{Config, SETTINGS},
};

/// The file that is read if it exists and no other is named.
pub const DEFAULT_FILE: &str = "incident-server.toml";

/// The file of variables that is read if it exists.
const DOTENV_FILE: &str = ".env";

/// The sources of settings, besides the built-in defaults.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Defaults of one command, which override the built-in ones.
    defaults: HashMap<String, String>,
    /// A TOML file; [`DEFAULT_FILE`] is read if it exists.
    file: Option<PathBuf>,
    dotenv: HashMap<String, String>,
    environment: HashMap<String, String>,
    flags: HashMap<String, String>,
}

impl Layers {
    /// Returns the layers of this process: the TOML file, `.env` in the working directory, the environment.
    pub fn of_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        let dotenv_file = Path::new(DOTENV_FILE);
        let dotenv = match dotenvy::from_path_iter(dotenv_file) {
            Ok(variables) => variables
                .collect::<Result<_, _>>()
                .map_err(|_| ConfigError::unreadable(dotenv_file, "a line has no NAME=value form"))?,
            Err(error) if error.not_found() => HashMap::new(),
            Err(error) => return Err(ConfigError::unreadable(dotenv_file, error)),
        };
        let variable = |setting: &Setting| Some((setting.name.to_owned(), std::env::var(setting.name).ok()?));
        let environment = SETTINGS.iter().filter_map(variable).collect();
        Ok(Self { file: file.map(Path::to_owned), dotenv, environment, ..Self::default() })
    }

    /// Returns the files that settings are read from if they exist.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        [self.settings_file(), DOTENV_FILE.into()]
    }

    fn settings_file(&self) -> PathBuf {
        self.file.clone().unwrap_or_else(|| DEFAULT_FILE.into())
    }

    /// Sets a default that overrides the built-in one, and is overridden by every source.
    #[must_use]
    pub fn with_default(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.defaults.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a value that overrides every source.
    #[must_use]
    pub fn with_flag(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.flags.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the flags of other layers to these.
    #[must_use]
    pub(crate) fn with_flags_of(mut self, other: &Self) -> Self {
        self.flags.extend(other.flags.clone());
        self
    }

    /// Returns whether a flag sets this setting.
    pub(crate) fn has_flag(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    /// Returns whether any source sets this setting; defaults do not count.
    pub fn gives(&self, name: &str) -> Result<bool, ConfigError> {
        Ok(!self.merge_over(HashMap::new())?.text(name).is_empty())
    }

    /// Merges the layers over the defaults.
    pub(super) fn merge(&self) -> Result<Values, ConfigError> {
        let built_in = SETTINGS.iter().filter_map(|setting| match setting.default {
            DefaultValue::Text(text) => Some((setting.name, text)),
            DefaultValue::Computed(..) | DefaultValue::Unset(_) => None,
        });
        let mut defaults: HashMap<&str, &str> = built_in.collect();
        defaults.extend(self.defaults.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut values = self.merge_over(defaults)?;
        for setting in SETTINGS.iter() {
            if let DefaultValue::Computed(compute, _) = setting.default
                && values.text(setting.name).is_empty()
            {
                values.0.insert(setting.name.to_owned(), compute().to_string());
            }
        }
        Ok(values)
    }

    fn merge_over(&self, defaults: HashMap<&str, &str>) -> Result<Values, ConfigError> {
        let file = self.settings_file();
        let unreadable = |error: config::ConfigError| ConfigError::unreadable(&file, error);
        let mut builder = config::Config::builder();
        for (name, value) in defaults {
            // The library distinguishes names by case, and reads the environment into lower case.
            builder = builder.set_default(name.to_lowercase(), value).map_err(unreadable)?;
        }
        let source = File::from(file.clone()).format(FileFormat::Toml).required(self.file.is_some());
        builder = builder.add_source(source);
        for layer in [without_empty(&self.dotenv), without_empty(&self.environment), self.flags.clone()] {
            let is_setting = |name: &String| SETTINGS.iter().any(|setting| setting.name == name);
            let layer = layer.into_iter().filter(|(name, _)| is_setting(name)).collect();
            builder = builder.add_source(Environment::default().source(Some(layer)));
        }
        let merged = builder.build().map_err(unreadable)?;
        let merged: HashMap<String, config::Value> = merged.try_deserialize().map_err(unreadable)?;
        let mut values = HashMap::new();
        for (name, value) in merged {
            let name = name.to_uppercase();
            if Setting::find(&name).is_none() {
                return Err(ConfigError::UnknownSetting { file, name, known: Setting::names() });
            }
            let allowed = "must be a text, a number, true or false";
            let text = value.into_string();
            let text = text.map_err(|_| ConfigError::unreadable(&file, format!("{name} {allowed}")))?;
            values.insert(name, text);
        }
        Ok(Values(values))
    }
}

impl Config {
    /// Reads and checks every setting.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let config = Self::from_values(&layers.merge()?)?;
        config.check_keys_differ()?;
        Ok(config)
    }

    /// Refuses one secret for two purposes: who learns or forges one of them would have the other.
    fn check_keys_differ(&self) -> Result<(), ConfigError> {
        let signing = self.secret_key.iter().chain(&self.secret_keys_retired);
        let mut timelines = self.timeline_key.iter().chain(&self.timeline_keys_retired);
        let is_signing = |key: &SecretString| signing.clone().any(|other| other.expose_secret() == key.expose_secret());
        if timelines.any(is_signing) { Err(ConfigError::SameKey) } else { Ok(()) }
    }
}

/// Returns the variables that are not empty. A file may list variables without values; they must not hide the values
/// of weaker layers.
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
        let port = |layers: &Layers| layers.merge().unwrap().text("API_PORT").to_owned();
        let given = |value: &str| HashMap::from([("API_PORT".to_owned(), value.to_owned())]);

        let mut layers = Layers::default();
        assert_eq!(port(&layers), "8080", "the built-in default");
        layers = layers.with_default("API_PORT", "1");
        assert_eq!(port(&layers), "1", "the default of the command");
        assert!(!layers.gives("API_PORT").unwrap(), "a default is no source");
        layers.file = Some(file);
        assert_eq!(port(&layers), "2", "the file");
        assert!(layers.gives("API_PORT").unwrap());
        layers.dotenv = given("3");
        assert_eq!(port(&layers), "3", ".env");
        layers.environment = given("4");
        assert_eq!(port(&layers), "4", "the environment");
        layers.environment = given("");
        assert_eq!(port(&layers), "3", "an empty variable does not count");
        layers = layers.with_flag("API_PORT", "5");
        assert_eq!(port(&layers), "5", "a flag");
    }
}
