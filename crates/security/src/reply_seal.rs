//! Encryption of stored replies, which repeated requests receive. A reader of the store cannot read them.

use std::{fmt, iter};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use incident_domain::kernel::{ReplySeal, RequestFingerprint, SecretGeneratorError};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    key_error::{KeyError, SECRET_BYTES_MIN},
    random::random_bytes,
};

/// The purposes of the two derived keys. A change of how fingerprints or sealed replies are made needs a new name here
/// and a new [`VERSION`], or stored replies become unreadable.
const FINGERPRINT_PURPOSE: &[u8] = b"incident-request-fingerprint-v1";
const SEAL_PURPOSE: &[u8] = b"incident-reply-seal-v1";

/// The length of a derived key.
const KEY_BYTES: usize = 32;

/// The first byte of every sealed reply, which is the version of the format.
const VERSION: u8 = 1;

/// The length of the nonce of XChaCha20. Random nonces of this length never repeat in practice, unlike the 96 bits of
/// AES-GCM.
const NONCE_BYTES: usize = 24;

/// A [`ReplySeal`] with two keys that are derived from the server's secret by HKDF-SHA256 (RFC 5869).
///
/// - A fingerprint is the HMAC-SHA256 (RFC 2104) of the parts, each after its length as 8 big-endian bytes.
/// - A sealed reply is the version byte, a random nonce, and the reply encrypted by XChaCha20-Poly1305
///   (draft-irtf-cfrg-xchacha-03) with version and fingerprint as associated data.
///
/// The secret also seals timelines. Derived keys reveal nothing about it or about each other. Replies that were sealed
/// with a retired secret can still be opened.
#[derive(Clone)]
pub struct AeadReplySeal {
    current: DerivedKeys,
    retired: Vec<DerivedKeys>,
}

#[derive(Clone)]
struct DerivedKeys {
    fingerprints: Hmac<Sha256>,
    replies: XChaCha20Poly1305,
}

impl AeadReplySeal {
    /// Derives the keys from a secret of at least 32 bytes. [`random_secret`](crate::random_secret) generates a suitable
    /// secret.
    pub fn try_new(secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self { current: DerivedKeys::try_new(secret)?, retired: Vec::new() })
    }

    /// Opens replies of a retired secret too. Nothing is sealed with it.
    pub fn accepting(mut self, retired: &[u8]) -> Result<Self, KeyError> {
        self.retired.push(DerivedKeys::try_new(retired)?);
        Ok(self)
    }
}

impl DerivedKeys {
    fn try_new(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(KeyError::SecretTooShort { bytes: secret.len() });
        }
        let secret = Hkdf::<Sha256>::new(None, secret);
        let fingerprints_key = derived_key(&secret, FINGERPRINT_PURPOSE);
        let replies_key = derived_key(&secret, SEAL_PURPOSE);
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 2)")]
        let fingerprints = Hmac::new_from_slice(fingerprints_key.as_slice()).expect("HMAC takes a key of any length");
        Ok(Self { fingerprints, replies: XChaCha20Poly1305::new((&*replies_key).into()) })
    }

    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint {
        let mut mac = self.fingerprints.clone();
        for part in parts {
            // The length of a part always fits.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        RequestFingerprint::new(mac.finalize().into_bytes().into())
    }
}

impl ReplySeal for AeadReplySeal {
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint {
        self.current.fingerprint(parts)
    }

    fn retired_fingerprints(&self, parts: &[Vec<u8>]) -> Vec<RequestFingerprint> {
        self.retired.iter().map(|keys| keys.fingerprint(parts)).collect()
    }

    fn seal(&self, request: &RequestFingerprint, reply: &[u8]) -> Result<Vec<u8>, SecretGeneratorError> {
        let nonce = random_bytes::<NONCE_BYTES>().map_err(|_| SecretGeneratorError)?;
        let payload = Payload { msg: reply, aad: &associated_data(request) };
        #[expect(clippy::expect_used, reason = "only a reply of 256 GiB is too long for ChaCha20")]
        let encrypted =
            self.current.replies.encrypt((&*nonce).into(), payload).expect("a reply is shorter than 256 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + encrypted.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(nonce.as_slice());
        sealed.extend_from_slice(&encrypted);
        Ok(sealed)
    }

    fn open(&self, request: &RequestFingerprint, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&VERSION, rest) = sealed.split_first()? else { return None };
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let data = associated_data(request);
        let open = |keys: &DerivedKeys| {
            let payload = Payload { msg: encrypted, aad: &data };
            keys.replies.decrypt(<&XNonce>::from(nonce), payload).ok()
        };
        iter::once(&self.current).chain(&self.retired).find_map(open)
    }
}

impl fmt::Debug for AeadReplySeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AeadReplySeal(secret)")
    }
}

fn derived_key(secret: &Hkdf<Sha256>, purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 derives keys of up to 8,160 bytes (RFC 5869, section 2.3)")]
    secret.expand(purpose, key.as_mut_slice()).expect("HKDF derives keys of 32 bytes");
    key
}

/// Returns the data that a sealed reply is bound to: with another version or request it cannot be decrypted.
fn associated_data(request: &RequestFingerprint) -> Vec<u8> {
    let mut data = vec![VERSION];
    data.extend_from_slice(request.as_bytes());
    data
}
