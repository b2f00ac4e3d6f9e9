//! How the server listens, from the configuration and the files that it names.

use std::{fs, path::Path};

use incident_http::{Settings, TlsIdentity, TlsIdentityError};

use crate::config::{Config, ConfigError};

const TLS_CERTIFICATE_FILE: &str = "TLS_CERTIFICATE_FILE";
const CERTIFICATE: &str =
    "a PEM file with the certificate of this server, and those that lead to one that clients know";
const TLS_KEY_FILE: &str = "TLS_KEY_FILE";
const KEY: &str = "a PEM file with the private key of TLS_CERTIFICATE_FILE";

/// How the server listens.
pub(crate) fn settings(config: &Config) -> Result<Settings, ConfigError> {
    Ok(Settings {
        workers: config.api_workers.get(),
        stop_timeout: config.stop_timeout,
        request_timeout: config.request_timeout,
        requests_in_flight_max: config.requests_in_flight_max,
        cors_origins: config.cors_origins.clone(),
        docs_page: config.debug,
        tls: tls_identity(config)?,
    })
}

/// What to show to those who connect, if they are to be shown something.
fn tls_identity(config: &Config) -> Result<Option<TlsIdentity>, ConfigError> {
    let not_set = |name, allowed: &str| ConfigError::NotSet { name, allowed: allowed.to_owned() };
    let (certificate_file, key_file) = match (&config.tls_certificate_file, &config.tls_key_file) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (None, Some(_)) => return Err(not_set(TLS_CERTIFICATE_FILE, CERTIFICATE)),
        (Some(_), None) => return Err(not_set(TLS_KEY_FILE, KEY)),
    };
    let wrong_certificate = |reason: &str| wrong_file(TLS_CERTIFICATE_FILE, CERTIFICATE, certificate_file, reason);
    let wrong_key = |reason: &str| wrong_file(TLS_KEY_FILE, KEY, key_file, reason);
    let certificate = fs::read(certificate_file).map_err(|error| wrong_certificate(&unreadable(&error)))?;
    let key = fs::read(key_file).map_err(|error| wrong_key(&unreadable(&error)))?;
    let identity = TlsIdentity::parse(&certificate, &key).map_err(|error| match error {
        TlsIdentityError::Certificate(reason) => wrong_certificate(&reason),
        TlsIdentityError::Key(reason) => wrong_key(&reason),
    })?;
    Ok(Some(identity))
}

fn unreadable(error: &std::io::Error) -> String {
    format!("cannot be read: {error}")
}

fn wrong_file(name: &'static str, allowed: &str, file: &Path, reason: &str) -> ConfigError {
    ConfigError::Value { name, allowed: format!("{allowed}; {} {reason}", file.display()) }
}
