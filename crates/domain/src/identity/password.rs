//! Passwords and their hashing.

use std::{error::Error, fmt, time::Duration};

use async_trait::async_trait;
use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::PasswordHash;

/// A new password. Only its length is restricted, because rules about digits and capitals make passwords worse (NIST SP
/// 800-63B, section 3.1.1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// The reason why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Too short to resist guessing.
    #[error("must have at least {} bytes", Password::BYTES_MIN)]
    TooShort,
    /// Too long for the hash, which would ignore the rest.
    #[error("must have at most {} bytes", Password::BYTES_MAX)]
    TooLong,
    /// The hash would not distinguish `a` from `a\0a`.
    #[error("must not contain the character NUL")]
    ContainsNul,
}

impl PasswordError {
    /// Returns a stable, machine-readable name of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ContainsNul => "control_character",
        }
    }
}

impl Password {
    /// The fewest bytes (of UTF-8).
    pub const BYTES_MIN: usize = 12;
    /// The most bytes: bcrypt reads no more, and truncating a password would silently weaken it.
    pub const BYTES_MAX: usize = 72;

    /// Parses a text of 12 to 72 bytes without NUL, in its normalized form.
    pub fn parse(text: impl Into<String>) -> Result<Self, PasswordError> {
        let text = Self::normalized(text.into());
        match text.len() {
            _ if text.contains('\0') => Err(PasswordError::ContainsNul),
            bytes if bytes < Self::BYTES_MIN => Err(PasswordError::TooShort),
            bytes if bytes > Self::BYTES_MAX => Err(PasswordError::TooLong),
            _ => Ok(Self(text)),
        }
    }

    /// Returns the form in which a password is hashed: keyboards write the same letters in different ways (NFC; NIST SP
    /// 800-63B, section 3.1.1.2).
    pub fn normalized(text: String) -> String {
        // No copy that nobody erases is made of most passwords.
        if is_nfc(&text) { text } else { text.nfc().collect() }
    }

    /// Returns the password, for the hasher only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the password by value, so that the hasher can erase it.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

/// Hashes and verifies passwords, which is slow by design.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Returns the hash of a password.
    ///
    /// - MUST salt, so that equal passwords have different hashes.
    /// - MUST NOT block the threads that serve other requests.
    /// - MUST return [`PasswordHasherError::Busy`] instead of letting a queue grow without a limit.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError>;

    /// Returns true if a password is the one that was hashed; false without a hash. The MUSTs of [`hash`](Self::hash)
    /// about threads and queues apply too.
    ///
    /// - MUST take the same time with a hash, without one and with an outdated one, so that the time does not reveal
    ///   which accounts exist.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError>;

    /// Returns true if a hash is weaker than new ones, so that the password should be hashed again at the next sign-in.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}

/// A failure to hash or verify a password that is not the fault of its holder.
#[derive(Debug, Error)]
pub enum PasswordHasherError {
    /// Too many passwords are waiting.
    #[error("too many passwords are being checked")]
    Busy {
        /// The approximate time until the waiting ones are done.
        retry_after: Duration,
    },
    /// The hasher failed.
    #[error("password hashing failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl PasswordHasherError {
    /// Wraps the cause.
    pub fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(source.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_bytes() {
        for (text, expected) in [
            ("a".repeat(11), Err(PasswordError::TooShort)),
            ("a".repeat(12), Ok(())),
            ("ü".repeat(6), Ok(())),
            ("a".repeat(72), Ok(())),
            ("a".repeat(73), Err(PasswordError::TooLong)),
            ("ü".repeat(37), Err(PasswordError::TooLong)),
            (format!("{}\0{}", "a".repeat(10), "a".repeat(10)), Err(PasswordError::ContainsNul)),
        ] {
            assert_eq!(Password::parse(text.clone()).map(drop), expected, "{text:?}");
        }
    }

    #[test]
    fn both_ways_to_write_a_letter_are_one_password() {
        let (composed, decomposed) = (Password::parse("Zürich im Mai"), Password::parse("Zu\u{308}rich im Mai"));
        assert_eq!(composed, decomposed);
        // The Kelvin sign is another letter than K only by its looks.
        assert_eq!(Password::parse("\u{212a}elvin scale 1848").unwrap().expose(), "Kelvin scale 1848");
        let long = "u\u{308}".repeat(36);
        assert!(Password::parse(long).is_ok(), "the length is that of the normalized form");
    }

    #[test]
    fn debug_output_hides_the_password() {
        let shown = format!("{:?}", Password::parse("correct horse battery staple"));
        assert!(!shown.contains("horse"), "{shown}");
    }
}
