//! The certificate, private key and TLS versions of the server.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

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

    /// Clients negotiate HTTP/2 by ALPN (RFC 7301).
    fn into_config(self) -> Arc<ServerConfig> {
        let mut config = self.0;
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
        Arc::new(config)
    }
}

/// The names of protocols (RFC 7301, section 6).
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// The TLS configuration of a running server, which can be replaced.
#[derive(Clone)]
pub(super) struct TlsConfig(Arc<RwLock<Arc<ServerConfig>>>);

impl TlsConfig {
    pub(super) fn new(identity: TlsIdentity) -> Self {
        Self(Arc::new(RwLock::new(identity.into_config())))
    }

    /// Uses another certificate for connections from now on.
    pub(super) fn replace(&self, identity: TlsIdentity) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = identity.into_config();
    }

    /// Returns what accepts a connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Hides the key.
impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity(not shown)")
    }
}
