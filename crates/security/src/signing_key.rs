//! The keys that sign and verify access tokens.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{
    VerifyingKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey},
};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::{
    key_error::{KeyError, SECRET_BYTES_MIN},
    signing_algorithm::SigningAlgorithm,
};

/// The input from which the identifier of a secret is derived. The signing input of a token never begins like this, but
/// with `{` in base64.
const KEY_ID_PURPOSE: &[u8] = b"incident-token-key-id-v1";

/// How many bytes of the derived identifier are used.
const KEY_ID_BYTES: usize = 8;

/// The beginning of every PEM file (RFC 7468, section 2).
const PEM_BEGINS: &str = "-----BEGIN ";

/// A key that signs and verifies tokens.
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    checking: CheckingKey,
}

/// A key that verifies tokens.
#[derive(Clone)]
pub struct CheckingKey {
    id: String,
    algorithm: SigningAlgorithm,
    decoding: DecodingKey,
}

impl SigningKey {
    /// The minimum length of a secret: that of the hash's output (RFC 7518, section 3.2).
    pub const SECRET_BYTES_MIN: usize = SECRET_BYTES_MIN;

    /// Creates a key from its material:
    ///
    /// - for HS256, secret bytes. Only their length is checked; [`random_secret`](crate::random_secret) generates a
    ///   suitable secret;
    /// - for EdDSA, the text of a PEM file with a private key in PKCS #8 form (RFC 8410, section 7), as
    ///   `openssl genpkey -algorithm ed25519` creates it.
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
            ed25519_dalek::SigningKey::from_pkcs8_pem(text).map_err(|_may_show_the_key| KeyError::NotEd25519)?;
        let der = private.to_pkcs8_der().map_err(|_may_show_the_key| KeyError::NotEd25519)?;
        let checking = CheckingKey::of_public(&private.verifying_key())?;
        Ok(Self { encoding: EncodingKey::from_ed_der(der.as_bytes()), checking })
    }

    /// Returns the public name of the key, which is the `kid` of its tokens. It is derived from the key, so that all
    /// replicas use the same name, and reveals no more about a secret than a token does.
    pub fn id(&self) -> &str {
        &self.checking.id
    }

    /// Returns the algorithm that it signs with.
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
    /// Creates a key from the material of a [`SigningKey`], or from the text of a PEM file with only the public key.
    pub fn try_new(algorithm: SigningAlgorithm, material: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            SigningAlgorithm::Hs256 => Self::of_secret(material),
            SigningAlgorithm::EdDsa => match Pem::parse(material)? {
                Pem::Private(text) => SigningKey::of_private_pem(text).map(Self::from),
                Pem::Public(text) => {
                    let public =
                        VerifyingKey::from_public_key_pem(text).map_err(|_may_show_the_key| KeyError::NotEd25519)?;
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
        // For a public Ed25519 key, the library expects its 32 bytes instead of DER.
        let decoding = DecodingKey::from_ed_der(public.as_bytes());
        Ok(Self { id: id_of_public(public), algorithm: SigningAlgorithm::EdDsa, decoding })
    }

    /// Returns the public name of the key, which is that of the [signing key](SigningKey::id).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the algorithm of the tokens that it verifies.
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

/// The text of a PEM file with the label of a private or a public key.
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
    let tag: [u8; 32] = mac.finalize().into_bytes().into();
    tag.iter().take(KEY_ID_BYTES).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
}

/// Returns the key's thumbprint (RFC 7638, RFC 8037 appendix A.3), which other programs can compute too.
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

    /// The key of RFC 8037, appendix A.1, and its thumbprint of appendix A.3.
    #[test]
    fn the_id_of_a_public_key_is_its_thumbprint() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let public = VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap();
        let key = CheckingKey::of_public(&public).unwrap();
        assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_public_key_for_which_any_signature_is_valid_is_refused() {
        let mut neutral_element = [0; 32];
        neutral_element[0] = 1;
        let weak = VerifyingKey::from_bytes(&neutral_element).unwrap();
        assert_eq!(CheckingKey::of_public(&weak).map(|key| key.id), Err(KeyError::IsWeak));
    }
}
