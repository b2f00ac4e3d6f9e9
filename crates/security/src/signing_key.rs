//! What access tokens are signed and checked with.

use std::fmt::{self, Write};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{
    VerifyingKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey},
};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::{KeyError, SigningAlgorithm, key_error::SECRET_BYTES_MIN};

/// The purpose under which a secret's identifier is derived. No token's signing input begins like this:
/// those begin with base64 of `{`.
const KEY_ID_PURPOSE: &[u8] = b"incident-token-key-id-v1";

/// How many bytes of the identifier that is derived from a secret are shown, as twice as many hexadecimal
/// digits.
const KEY_ID_BYTES: usize = 8;

/// How every PEM file begins (RFC 7468, section 2).
const PEM_BEGINS: &str = "-----BEGIN ";

/// A key with which tokens are signed and checked.
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    checking: CheckingKey,
}

/// A key with which tokens are checked.
#[derive(Clone)]
pub struct CheckingKey {
    id: String,
    algorithm: SigningAlgorithm,
    decoding: DecodingKey,
}

impl SigningKey {
    /// The fewest bytes a secret may have: as many as the hash's output (RFC 7518, section 3.2).
    pub const SECRET_BYTES_MIN: usize = SECRET_BYTES_MIN;

    /// Makes a key of its material:
    ///
    /// - for HS256, secret bytes. Length is all that can be checked; whether they are hard to guess is up to
    ///   whoever chose them, and [`random_secret`](crate::random_secret) makes good ones;
    /// - for EdDSA, the text of a PEM file with a private key in PKCS #8 form (RFC 8410, section 7), as
    ///   `openssl genpkey -algorithm ed25519` makes it.
    pub fn try_new(algorithm: SigningAlgorithm, material: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            SigningAlgorithm::Hs256 => {
                let checking = CheckingKey::of_secret(material)?;
                Ok(Self { encoding: EncodingKey::from_secret(material), checking })
            }
            SigningAlgorithm::EdDsa => match Pem::parse(material)? {
                Pem::Private(text) => Self::of_private_pem(text),
                Pem::Public(_) => Err(KeyError::IsPublic),
            },
        }
    }

    fn of_private_pem(text: &str) -> Result<Self, KeyError> {
        let private =
            ed25519_dalek::SigningKey::from_pkcs8_pem(text).map_err(|_showing_nothing| KeyError::NotEd25519)?;
        let der = private.to_pkcs8_der().map_err(|_showing_nothing| KeyError::NotEd25519)?;
        let checking = CheckingKey::of_public(&private.verifying_key())?;
        Ok(Self { encoding: EncodingKey::from_ed_der(der.as_bytes()), checking })
    }

    /// The key's public name, the `kid` of its tokens. It follows from the key, so that all replicas of a
    /// server agree on it, and tells no more about a secret than a token does.
    pub fn id(&self) -> &str {
        &self.checking.id
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.checking.algorithm
    }

    pub(crate) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) const fn checking(&self) -> &CheckingKey {
        &self.checking
    }
}

impl CheckingKey {
    /// Makes a key of the same material as a [`SigningKey`]'s, or of the text of a PEM file with the public
    /// key alone.
    pub fn try_new(algorithm: SigningAlgorithm, material: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            SigningAlgorithm::Hs256 => Self::of_secret(material),
            SigningAlgorithm::EdDsa => match Pem::parse(material)? {
                Pem::Private(text) => SigningKey::of_private_pem(text).map(Self::from),
                Pem::Public(text) => {
                    let public =
                        VerifyingKey::from_public_key_pem(text).map_err(|_showing_nothing| KeyError::NotEd25519)?;
                    Self::of_public(&public)
                }
            },
        }
    }

    fn of_secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < SigningKey::SECRET_BYTES_MIN {
            return Err(KeyError::SecretTooShort { bytes: secret.len() });
        }
        if secret.trim_ascii_start().starts_with(PEM_BEGINS.as_bytes()) {
            return Err(KeyError::SecretIsPem);
        }
        let decoding = DecodingKey::from_secret(secret);
        Ok(Self { id: id_of_secret(secret), algorithm: SigningAlgorithm::Hs256, decoding })
    }

    fn of_public(public: &VerifyingKey) -> Result<Self, KeyError> {
        if public.is_weak() {
            return Err(KeyError::IsWeak);
        }
        // What the library calls DER is, of a public Ed25519 key, its 32 bytes.
        let decoding = DecodingKey::from_ed_der(public.as_bytes());
        Ok(Self { id: id_of_public(public), algorithm: SigningAlgorithm::EdDsa, decoding })
    }

    /// The key's public name, the same as the [signing key's](SigningKey::id).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What tokens must be signed with for this key to accept them.
    pub const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl From<SigningKey> for CheckingKey {
    fn from(key: SigningKey) -> Self {
        key.checking
    }
}

/// The text of a PEM file, by what its label says.
enum Pem<'a> {
    Private(&'a str),
    Public(&'a str),
}

impl<'a> Pem<'a> {
    fn parse(material: &'a [u8]) -> Result<Self, KeyError> {
        let text = str::from_utf8(material).map_err(|_| KeyError::NotPem)?.trim();
        let (label, _) =
            text.strip_prefix(PEM_BEGINS).and_then(|rest| rest.split_once("-----")).ok_or(KeyError::NotPem)?;
        match label {
            "PRIVATE KEY" => Ok(Self::Private(text)),
            "PUBLIC KEY" => Ok(Self::Public(text)),
            "ENCRYPTED PRIVATE KEY" => Err(KeyError::IsEncrypted),
            _ => Err(KeyError::OtherPem),
        }
    }
}

fn id_of_secret(secret: &[u8]) -> String {
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

/// The key's thumbprint (RFC 7638, RFC 8037 appendix A.3), by which others find it too.
fn id_of_public(public: &VerifyingKey) -> String {
    let x = BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes());
    let key = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(key))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckingKey").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
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
        assert_eq!(refused, Err(KeyError::SecretTooShort { bytes: 31 }));
        assert_eq!(KeyError::SecretTooShort { bytes: 31 }.to_string(), "must have at least 32 bytes, has 31");
    }

    #[test]
    fn a_key_shows_neither_its_secret_nor_its_length() {
        let key = SigningKey::try_new(SigningAlgorithm::Hs256, SECRET).unwrap();
        let expected = format!("SigningKey {{ id: \"{}\", algorithm: Hs256, .. }}", key.id());
        assert_eq!(format!("{key:?}"), expected);
        assert_eq!(format!("{:?}", CheckingKey::from(key)), expected.replace("Signing", "Checking"));
    }

    #[test]
    fn the_id_of_a_secret_follows_from_it_alone() {
        let id = |secret: &[u8]| SigningKey::try_new(SigningAlgorithm::Hs256, secret).unwrap().id().to_owned();
        assert_eq!(id(SECRET), id(SECRET));
        assert_ne!(id(SECRET), id(b"a secret of exactly 32 bytes .._"));
        assert_eq!(id(SECRET).len(), 16);
    }

    /// The key of RFC 8037, appendix A.1, and its thumbprint of appendix A.3.
    #[test]
    fn the_id_of_a_public_key_is_its_thumbprint() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let public = VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap();
        let key = CheckingKey::of_public(&public).unwrap();
        assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_public_key_under_which_anything_is_signed_is_refused() {
        let mut neutral_element = [0; 32];
        neutral_element[0] = 1;
        let weak = VerifyingKey::from_bytes(&neutral_element).unwrap();
        assert_eq!(CheckingKey::of_public(&weak).map(|key| key.id), Err(KeyError::IsWeak));
    }
}
