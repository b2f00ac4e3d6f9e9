//! What can be wrong with the material of a key.

use thiserror::Error;

/// The fewest bytes a secret may have: as many as the hash's output (RFC 7518, section 3.2).
pub(crate) const SECRET_BYTES_MIN: usize = 32;

/// Why something cannot be the key it is meant to be. It never shows the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A secret that is easier to guess than what it makes.
    #[error("must have at least {} bytes, has {bytes}", SECRET_BYTES_MIN)]
    SecretTooShort {
        /// How many bytes it has.
        bytes: usize,
    },
    /// The text of a key file in place of a secret. If it is that of a public key, everybody knows it, and
    /// everybody could sign.
    #[error("must be a secret for HS256, is a key in PEM form")]
    SecretIsPem,
    /// No PEM at all.
    #[error("must be the text of a PEM file")]
    NotPem,
    /// A public key where something is to be signed.
    #[error("must be a private key, is a public one")]
    IsPublic,
    /// A key under a passphrase that nobody gave us.
    #[error("must not be encrypted")]
    IsEncrypted,
    /// PEM of something else: a certificate, or a key in another format.
    #[error("must be a PEM file with the label PRIVATE KEY (PKCS #8) or PUBLIC KEY")]
    OtherPem,
    /// A key that cannot be read, or that is none for EdDSA with Ed25519.
    #[error("must be an Ed25519 key, is one of another algorithm or damaged")]
    NotEd25519,
    /// A public key of small order, under which almost any signature is good.
    #[error("must not be a weak public key")]
    IsWeak,
}
