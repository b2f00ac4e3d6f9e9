//! A password on its way to being hashed.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::PasswordHash;

/// A password that somebody wants to have from now on. Length is all that is asked of its form: rules
/// about digits and capitals make passwords worse (NIST SP 800-63B, section 3.1.1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text cannot become a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Too short to withstand guessing.
    #[error("must have at least {} bytes", Password::BYTES_MIN)]
    TooShort,
    /// The hash would ignore its end.
    #[error("must have at most {} bytes", Password::BYTES_MAX)]
    TooLong,
    /// The hash would take `a` and `a\0a` for the same.
    #[error("must not contain the character NUL")]
    ContainsNul,
}

impl PasswordError {
    /// A stable, machine-readable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ContainsNul => "control_character",
        }
    }
}

impl Password {
    /// The fewest bytes (of UTF-8) a password may have.
    pub const BYTES_MIN: usize = 12;
    /// The most bytes a password may have: bcrypt reads no more, and cutting one short would be a lie.
    pub const BYTES_MAX: usize = 72;

    /// Takes a text of 12 to 72 bytes without NUL, as it is.
    pub fn parse(text: impl Into<String>) -> Result<Self, PasswordError> {
        let text = text.into();
        match text.len() {
            _ if text.contains('\0') => Err(PasswordError::ContainsNul),
            bytes if bytes < Self::BYTES_MIN => Err(PasswordError::TooShort),
            bytes if bytes > Self::BYTES_MAX => Err(PasswordError::TooLong),
            _ => Ok(Self(text)),
        }
    }

    /// The password, for the hasher only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The password, for the hasher to wipe.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

/// Hashes and checks passwords, which is slow on purpose.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// The hash of a password.
    ///
    /// - MUST salt, so that equal passwords have different hashes.
    /// - MUST NOT block the threads that serve other requests.
    /// - MUST answer [`PasswordHasherError::Busy`] instead of making a queue grow without end.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError>;

    /// Whether a password is the one that was hashed. Without a hash the answer is `false`.
    ///
    /// - MUST take the same time with and without a hash, and for a hash that is outdated, so that the time
    ///   tells nobody which accounts exist.
    /// - MUST NOT block the threads that serve other requests.
    /// - MUST answer [`PasswordHasherError::Busy`] instead of making a queue grow without end.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError>;

    /// Whether a hash is less work to break than those made now, so that the password should be hashed anew
    /// when it is known the next time.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}

/// A password could not be hashed or checked, for a reason that is not its holder's.
#[derive(Debug, Error)]
pub enum PasswordHasherError {
    /// Too many wait already; it should be tried again after this time.
    #[error("too many passwords are being checked")]
    Busy {
        /// How long those that wait will take, nearly.
        retry_after: Duration,
    },
    /// It does not work.
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
    fn length_counts_in_bytes_because_the_hash_does() {
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
    fn a_password_is_not_shown() {
        let shown = format!("{:?}", Password::parse("correct horse battery staple"));
        assert!(!shown.contains("horse"), "{shown}");
    }
}
