//! Settings on the command line: `--set NAME=VALUE`. No error shows a value: it may be a secret in the wrong place.

use super::{ConfigError, Layers, Secret, layers::known_name};

/// What nobody should see. Every user of the machine sees the command line of every process.
const SECRETS: &[&str] = &["SECRET_KEY", "SECRET_KEYS_RETIRED", "TIMELINE_KEY", "METRICS_TOKEN"];

/// What may hold a password.
const URLS: &[&str] = &["DATABASE_URL", "REDIS_URL", "OTLP_ENDPOINT"];

impl Layers {
    /// Takes over what `--set` was given, each as `NAME=VALUE`; of one that is given twice, the last holds.
    pub fn with_set(mut self, given: &[String]) -> Result<Self, ConfigError> {
        for given in given {
            let (name, value) = given.split_once('=').ok_or(ConfigError::SetForm)?;
            let name = known_name(name).map_err(|known| ConfigError::UnknownSet { name: name.to_owned(), known })?;
            let is_secret = SECRETS.contains(&name) || (URLS.contains(&name) && Secret::new(value).holds_password());
            // Emptying one tells nothing.
            if is_secret && !value.is_empty() {
                return Err(ConfigError::SecretOnCommandLine { name });
            }
            self = self.with_flag(name, value);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(given: &[&str]) -> Result<Layers, ConfigError> {
        let given: Vec<String> = given.iter().map(|given| (*given).to_owned()).collect();
        Layers::default().with_set(&given)
    }

    #[test]
    fn what_is_set_is_in_force_whichever_the_case_of_its_name_and_the_last_one_holds() {
        let layers = set(&["api_port=1", "LOG_LEVEL=warn", "API_PORT=2", "SLA_RESOLVE_MINUTES=high:1,low:2"]).unwrap();
        let merged = layers.merge().unwrap();
        let value = |name: &str| merged.get(name).map(String::as_str);
        assert_eq!((value("API_PORT"), value("LOG_LEVEL")), (Some("2"), Some("warn")));
        assert_eq!(value("SLA_RESOLVE_MINUTES"), Some("high:1,low:2"));
    }

    #[test]
    fn secrets_are_refused_and_not_shown() {
        for given in [
            "SECRET_KEY=hunter2",
            "secret_keys_retired=hunter2",
            "TIMELINE_KEY=hunter2",
            "METRICS_TOKEN=hunter2",
            "DATABASE_URL=postgres://ada:hunter2@localhost/incidents",
            "DATABASE_URL=postgres://localhost/incidents?user=ada&password=hunter2",
            "DATABASE_URL=postgres://ada:hunter2@local host/incidents",
            "REDIS_URL=redis://:hunter2@localhost",
            "OTLP_ENDPOINT=http://ada:hunter2@localhost",
        ] {
            let refused = set(&[given]).unwrap_err();
            assert!(matches!(refused, ConfigError::SecretOnCommandLine { .. }), "{refused:?}");
            assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused}");
        }
        for given in ["DATABASE_URL=sqlite://a.db?mode=ro", "DATABASE_URL=postgres://ada@localhost/x", "SECRET_KEY="] {
            assert!(set(&[given]).is_ok(), "{given}");
        }
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        assert!(matches!(set(&["hunter2"]), Err(ConfigError::SetForm)));
        let refused = set(&["API_PROT=1"]).unwrap_err().to_string();
        assert!(refused.starts_with("--set: there is no setting API_PROT; known are: API_HOST, "), "{refused}");
    }
}
