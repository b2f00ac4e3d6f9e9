//! The keys that sign and seal, made from the configuration and the files that it names.

use std::{fmt::Display, fs, path::Path};

use incident_domain::incidents::TimelineKey;
use incident_security::{AeadReplySeal, CheckingKey, JwtIssuer, SigningAlgorithm, SigningKey, TokenNames};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, ConfigError};

/// The issuer and the audience of access tokens.
const TOKEN_NAME: &str = "incident-server";

/// Returns the key that seals timelines. It also accepts the seals of retired keys.
pub(crate) fn timeline_key(config: &Config) -> Result<TimelineKey, ConfigError> {
    let secret = required(config.timeline_key.as_ref(), "TIMELINE_KEY")?;
    let key = TimelineKey::new(secret.expose_secret().as_bytes());
    let retired = config.timeline_keys_retired.iter();
    Ok(retired.fold(key, |key, retired| key.accepting(retired.expose_secret().as_bytes())))
}

/// Returns what encrypts kept replies and cached reports.
pub(super) fn reply_seal(config: &Config) -> Result<AeadReplySeal, ConfigError> {
    let secret = required(config.timeline_key.as_ref(), "TIMELINE_KEY")?;
    let mut seal = AeadReplySeal::try_new(secret.expose_secret().as_bytes())
        .map_err(|error| invalid_value("TIMELINE_KEY", &error))?;
    for retired in &config.timeline_keys_retired {
        let accepting = seal.accepting(retired.expose_secret().as_bytes());
        seal = accepting.map_err(|error| invalid_value("TIMELINE_KEYS_RETIRED", &error))?;
    }
    Ok(seal)
}

/// Returns the issuer of access tokens. It signs with the configured key, and also accepts tokens that retired keys
/// signed.
pub(super) fn token_issuer(config: &Config) -> Result<JwtIssuer, ConfigError> {
    let names = TokenNames { issuer: TOKEN_NAME.to_owned(), audience: TOKEN_NAME.to_owned() };
    let mut issuer = JwtIssuer::new(names, signing_key(config)?);
    for secret in &config.secret_keys_retired {
        let key = CheckingKey::try_new(SigningAlgorithm::Hs256, secret.expose_secret().as_bytes());
        issuer = issuer.accepting(key.map_err(|error| invalid_value("SECRET_KEYS_RETIRED", &error))?);
    }
    for file in &config.signing_key_files_retired {
        let key = CheckingKey::try_new(SigningAlgorithm::EdDsa, &read_key(file)?);
        issuer = issuer.accepting(key.map_err(|error| ConfigError::unreadable(file, error))?);
    }
    Ok(issuer)
}

fn signing_key(config: &Config) -> Result<SigningKey, ConfigError> {
    match config.algorithm {
        SigningAlgorithm::Hs256 => {
            let secret = required(config.secret_key.as_ref(), "SECRET_KEY")?;
            SigningKey::try_new(config.algorithm, secret.expose_secret().as_bytes())
                .map_err(|error| invalid_value("SECRET_KEY", &error))
        }
        SigningAlgorithm::EdDsa => {
            let file = config.signing_key_file.as_ref().ok_or_else(|| ConfigError::not_set("SIGNING_KEY_FILE"))?;
            SigningKey::try_new(config.algorithm, &read_key(file)?)
                .map_err(|error| ConfigError::unreadable(file, error))
        }
    }
}

fn read_key(file: &Path) -> Result<Vec<u8>, ConfigError> {
    fs::read(file).map_err(|error| ConfigError::unreadable(file, error))
}

fn required<'a>(secret: Option<&'a SecretString>, name: &'static str) -> Result<&'a SecretString, ConfigError> {
    secret.ok_or_else(|| ConfigError::not_set(name))
}

/// Makes the error of a value that a library refuses. The errors of our libraries say what a value must be.
pub(super) fn invalid_value(name: &'static str, error: &dyn Display) -> ConfigError {
    let error = error.to_string();
    let allowed = error.strip_prefix("must be ").unwrap_or(&error).to_owned();
    ConfigError::Value { name, allowed }
}
