//! A password on its way to being hashed.

use std::fmt;

use thiserror::Error;

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
