//! Settings on the command line: `--set NAME=VALUE`.

use super::{ConfigError, Layers, declaration::Setting, kinds::Secrecy, url_passwords::has_password};

impl Layers {
    /// Adds the arguments of `--set`, each `NAME=VALUE`, to the flags. The last argument for a name wins. Secrets are
    /// refused, because every user of a machine can read the command line of every process.
    pub fn with_set(mut self, arguments: &[String]) -> Result<Self, ConfigError> {
        for argument in arguments {
            let (name, value) = argument.split_once('=').ok_or(ConfigError::SetForm)?;
            let unknown = || ConfigError::UnknownSet { name: name.to_owned(), known: Setting::names() };
            let setting = Setting::find(name).ok_or_else(unknown)?;
            let is_secret = match setting.secrecy {
                Secrecy::Public => false,
                // An empty value unsets the setting.
                Secrecy::Secret => !value.is_empty(),
                Secrecy::UrlWithPassword => has_password(value),
            };
            if is_secret {
                return Err(ConfigError::SecretOnCommandLine { name: setting.name });
            }
            self = self.with_flag(setting.name, value);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(arguments: &[&str]) -> Result<Layers, ConfigError> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Layers::default().with_set(&arguments)
    }

    #[test]
    fn names_match_in_any_case_and_the_last_argument_wins() {
        let layers = set(&["api_port=1", "LOG_LEVEL=warn", "API_PORT=2", "SLA_RESOLVE_MINUTES=high:1,low:2"]).unwrap();
        let merged = layers.merge().unwrap();
        assert_eq!((merged.text("API_PORT"), merged.text("LOG_LEVEL")), ("2", "warn"));
        assert_eq!(merged.text("SLA_RESOLVE_MINUTES"), "high:1,low:2");
    }

    #[test]
    fn secrets_are_refused_and_not_shown() {
        for argument in [
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
            let error = set(&[argument]).unwrap_err();
            assert!(matches!(error, ConfigError::SecretOnCommandLine { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        for argument in ["DATABASE_URL=sqlite://a.db?mode=ro", "DATABASE_URL=postgres://ada@localhost/x", "SECRET_KEY="]
        {
            assert!(set(&[argument]).is_ok(), "{argument}");
        }
    }

    #[test]
    fn an_argument_that_names_no_setting_is_refused() {
        assert!(matches!(set(&["hunter2"]), Err(ConfigError::SetForm)));
        let error = set(&["API_PROT=1"]).unwrap_err().to_string();
        assert!(error.starts_with("--set: there is no setting API_PROT; known are: API_HOST, "), "{error}");
    }
}
