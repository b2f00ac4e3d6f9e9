//! How tokens are signed.

use std::{fmt, str::FromStr};

use jsonwebtoken::Algorithm;
use thiserror::Error;

/// How tokens are signed. It comes from the configuration and never from a token (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256 (RFC 7518, section 3.2): whoever checks tokens could also make them.
    Hs256,
    /// EdDSA with Ed25519 (RFC 8037, section 3.1): a public key, which checks tokens, makes none.
    EdDsa,
}

/// A name that is none of the supported algorithms'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be HS256 or EdDSA")]
pub struct UnknownAlgorithm;

impl FromStr for SigningAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "HS256" => Ok(Self::Hs256),
            "EdDSA" => Ok(Self::EdDsa),
            _ => Err(UnknownAlgorithm),
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
        })
    }
}

impl SigningAlgorithm {
    pub(crate) const fn in_library(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_supported_algorithms_can_be_configured() {
        for (name, algorithm) in [("HS256", SigningAlgorithm::Hs256), ("EdDSA", SigningAlgorithm::EdDsa)] {
            assert_eq!(name.parse(), Ok(algorithm));
            assert_eq!(algorithm.to_string(), name);
        }
        for name in ["", "none", "hs256", "HS384", "HS512", "RS256", "ES256", "eddsa", "Ed25519"] {
            assert_eq!(name.parse::<SigningAlgorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }
}
