//! Why key material is refused.

use thiserror::Error;

/// The minimum length of a secret: that of the hash's output (RFC 7518, section 3.2).
pub(crate) const SECRET_BYTES_MIN: usize = 32;

/// Why key material is refused. It never shows the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A secret that is too short to be hard to guess.
    #[error("must have at least {} bytes, has {bytes}", SECRET_BYTES_MIN)]
    SecretTooShort {
        /// The length of the secret.
        bytes: usize,
    },
    /// The text of a key file instead of a secret. With the text of a public key, every client could sign tokens.
    #[error("must be a secret for HS256, is a key in PEM form")]
    SecretIsPem,
    /// Not PEM.
    #[error("must be the text of a PEM file")]
    NotPem,
    /// A public key, which cannot sign.
    #[error("must be a private key, is a public one")]
    IsPublic,
    /// A key that needs a passphrase.
    #[error("must not be encrypted")]
    IsEncrypted,
    /// A PEM file of a certificate, or of a key in another format.
    #[error("must be a PEM file with the label PRIVATE KEY (PKCS #8) or PUBLIC KEY")]
    OtherPem,
    /// A key that cannot be read, or that is not for EdDSA with Ed25519.
    #[error("must be an Ed25519 key, is one of another algorithm or damaged")]
    NotEd25519,
    /// A public key of small order, for which almost any signature is valid.
    #[error("must not be a weak public key")]
    IsWeak,
}
