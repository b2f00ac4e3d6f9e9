//! The algorithms that sign access tokens.

use jsonwebtoken::Algorithm;
use strum::{Display, EnumString};
use thiserror::Error;

/// An algorithm that signs tokens. It comes from the configuration and never from a token (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq)]
#[strum(parse_err_ty = UnknownAlgorithm, parse_err_fn = unknown)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256 (RFC 7518, section 3.2). The key that verifies tokens can also sign them.
    #[strum(serialize = "HS256")]
    Hs256,
    /// EdDSA with Ed25519 (RFC 8037, section 3.1). The public key that verifies tokens cannot sign them.
    #[strum(serialize = "EdDSA")]
    EdDsa,
}

/// A name that is not that of a supported algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be HS256 or EdDSA")]
pub struct UnknownAlgorithm;

const fn unknown(_name: &str) -> UnknownAlgorithm {
    UnknownAlgorithm
}

impl From<SigningAlgorithm> for Algorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Hs256 => Self::HS256,
            SigningAlgorithm::EdDsa => Self::EdDSA,
        }
    }
}
