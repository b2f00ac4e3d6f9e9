//! What access tokens are signed with.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use thiserror::Error;

/// The purpose under which a key's identifier is derived. No token's signing input begins like this:
/// those begin with base64 of `{`.
const KEY_ID_PURPOSE: &[u8] = b"incident-token-key-id-v1";

/// How many bytes of the derived identifier are shown, as twice as many hexadecimal digits.
const KEY_ID_BYTES: usize = 8;

/// How tokens are signed. It comes from the configuration and never from a token (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256 (RFC 7518, section 3.2): whoever checks tokens could also make them.
    Hs256,
}

/// A name that is none of the supported algorithms'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be HS256")]
pub struct UnknownAlgorithm;

impl FromStr for SigningAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "HS256" => Ok(Self::Hs256),
            _ => Err(UnknownAlgorithm),
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hs256 => "HS256",
        })
    }
}

impl SigningAlgorithm {
    pub(crate) const fn in_library(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
        }
    }
}

/// A secret that is too short to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must have at least {} bytes, has {bytes}", SigningKey::SECRET_BYTES_MIN)]
pub struct WeakSecretError {
    /// How many bytes it has.
    pub bytes: usize,
}

/// A key with which tokens are signed and checked.
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    algorithm: SigningAlgorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl SigningKey {
    /// The fewest bytes a secret may have: as many as the hash's output (RFC 7518, section 3.2).
    pub const SECRET_BYTES_MIN: usize = 32;

    /// Makes a key of secret bytes. Length is all that can be checked; whether they are hard to guess is up
    /// to whoever chose them, and [`random_secret`](crate::random_secret) makes good ones.
    pub fn try_new(algorithm: SigningAlgorithm, secret: &[u8]) -> Result<Self, WeakSecretError> {
        if secret.len() < Self::SECRET_BYTES_MIN {
            return Err(WeakSecretError { bytes: secret.len() });
        }
        let (encoding, decoding) = match algorithm {
            SigningAlgorithm::Hs256 => (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret)),
        };
        Ok(Self { id: key_id(secret), algorithm, encoding, decoding })
    }

    /// The key's public name, the `kid` of its tokens. It follows from the secret, so that all replicas of
    /// a server agree on it, and tells no more about the secret than a token does.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

fn key_id(secret: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(KEY_ID_PURPOSE);
    let tag = mac.finalize().into_bytes();
    let mut id = String::with_capacity(2 * KEY_ID_BYTES);
    for byte in tag.iter().take(KEY_ID_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 32] = b"a secret of exactly 32 bytes ...";

    #[test]
    fn a_secret_shorter_than_the_hash_is_refused() {
        assert!(SigningKey::try_new(SigningAlgorithm::Hs256, SECRET).is_ok());
        let refused = SigningKey::try_new(SigningAlgorithm::Hs256, &SECRET[1..]).map(|key| key.id().to_owned());
        assert_eq!(refused, Err(WeakSecretError { bytes: 31 }));
        assert_eq!(WeakSecretError { bytes: 31 }.to_string(), "must have at least 32 bytes, has 31");
    }

    #[test]
    fn a_key_shows_neither_its_secret_nor_its_length() {
        let key = SigningKey::try_new(SigningAlgorithm::Hs256, SECRET).unwrap();
        let expected = format!("SigningKey {{ id: \"{}\", algorithm: Hs256, .. }}", key.id());
        assert_eq!(format!("{key:?}"), expected);
    }

    #[test]
    fn a_key_id_follows_from_the_secret_alone() {
        let id = |secret: &[u8]| SigningKey::try_new(SigningAlgorithm::Hs256, secret).unwrap().id().to_owned();
        assert_eq!(id(SECRET), id(SECRET));
        assert_ne!(id(SECRET), id(b"a secret of exactly 32 bytes .._"));
        assert_eq!(id(SECRET).len(), 16);
    }

    #[test]
    fn only_supported_algorithms_can_be_configured() {
        assert_eq!("HS256".parse(), Ok(SigningAlgorithm::Hs256));
        assert_eq!(SigningAlgorithm::Hs256.to_string(), "HS256");
        for name in ["", "none", "hs256", "HS384", "HS512", "RS256", "ES256"] {
            assert_eq!(name.parse::<SigningAlgorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }
}
