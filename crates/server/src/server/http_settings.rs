//! The settings of the HTTP server, read from the configuration and the files that it names.

use std::{fs, io};

use incident_http::{ConnectionLimits, ConnectionTimeouts, Settings, TlsIdentity, TlsIdentityError};

use crate::config::{Config, ConfigError};

const TLS_CERTIFICATE_FILE: &str = "TLS_CERTIFICATE_FILE";
const TLS_KEY_FILE: &str = "TLS_KEY_FILE";

/// Returns how the HTTP server is to listen and answer.
pub(crate) fn http_settings(config: &Config) -> Result<Settings, ConfigError> {
    Ok(Settings {
        workers: config.api_workers.get(),
        stop_timeout: config.stop_timeout,
        request_timeout: config.request_timeout,
        requests_in_flight_max: config.requests_in_flight_max,
        connection_limits: ConnectionLimits {
            connections_max: config.connections_max,
            connections_per_address_max: config.connections_per_address_max,
            ..ConnectionLimits::default()
        },
        connection_timeouts: ConnectionTimeouts::default(),
        cors_origins: config.cors_origins.clone(),
        docs_page: config.debug,
        tls: tls_identity(config)?,
    })
}

/// Reads the certificate and its key, now or again; `None` if neither is configured.
pub(super) fn tls_identity(config: &Config) -> Result<Option<TlsIdentity>, ConfigError> {
    let (certificate_file, key_file) = match (&config.tls_certificate_file, &config.tls_key_file) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (None, Some(_)) => return Err(ConfigError::not_set(TLS_CERTIFICATE_FILE)),
        (Some(_), None) => return Err(ConfigError::not_set(TLS_KEY_FILE)),
    };
    let wrong_certificate = |reason: &str| ConfigError::unusable_file(TLS_CERTIFICATE_FILE, certificate_file, reason);
    let wrong_key = |reason: &str| ConfigError::unusable_file(TLS_KEY_FILE, key_file, reason);
    let certificate = fs::read(certificate_file).map_err(|error| wrong_certificate(&unreadable(&error)))?;
    let key = fs::read(key_file).map_err(|error| wrong_key(&unreadable(&error)))?;
    let identity = TlsIdentity::parse(&certificate, &key).map_err(|error| match error {
        TlsIdentityError::Certificate(reason) => wrong_certificate(&reason),
        TlsIdentityError::Key(reason) => wrong_key(&reason),
    })?;
    Ok(Some(identity))
}

fn unreadable(error: &io::Error) -> String {
    format!("cannot be read: {error}")
}
