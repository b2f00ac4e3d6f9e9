//! The certificate, private key and TLS versions of the server.

use std::{fmt, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use thiserror::Error;

/// A chain of certificates and the private key of the first one, for TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct TlsIdentity(ServerConfig);

/// Why a certificate and a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlsIdentityError {
    /// The certificate is unusable.
    #[error("{0}")]
    Certificate(String),
    /// The key is unusable.
    #[error("{0}")]
    Key(String),
}

impl TlsIdentity {
    /// Reads PEM: the server's certificate followed by its intermediate certificates, and its private key (PKCS #8,
    /// PKCS #1 or SEC 1).
    pub fn parse(certificates: &[u8], key: &[u8]) -> Result<Self, TlsIdentityError> {
        let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(certificates).collect();
        let chain = chain.map_err(|error| TlsIdentityError::Certificate(format!("is no PEM file: {error}")))?;
        if chain.is_empty() {
            return Err(TlsIdentityError::Certificate("has no certificate in PEM form".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            TlsIdentityError::Key(match error {
                pem::Error::NoItemsFound => "has no private key in PEM form".to_owned(),
                error => format!("is no PEM file: {error}"),
            })
        })?;
        // Named explicitly: rustls cannot choose if several providers are compiled in.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsIdentityError::Key(error.to_string()))?
            .with_no_client_auth();
        let config = config.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InvalidCertificate(error) => {
                TlsIdentityError::Certificate(format!("is no certificate: {error}"))
            }
            rustls::Error::InconsistentKeys(_) => TlsIdentityError::Key("is not the key of the certificate".to_owned()),
            error => TlsIdentityError::Key(error.to_string()),
        })?;
        Ok(Self(config))
    }

    pub(crate) fn into_config(self) -> ServerConfig {
        self.0
    }
}

/// Hides the key.
impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity(not shown)")
    }
}
