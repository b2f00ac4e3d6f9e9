//! Secrets of tokens: long random texts of which only a hash is stored.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use super::TokenError;

/// The random bytes of a secret: 256 bits, too many to guess.
const RANDOM_BYTES: usize = 32;

/// The purpose of a secret. The text of a secret begins with a prefix for it, so that people and scanners for leaked
/// secrets recognise it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// Renews a session's access token: `ipr_…`.
    RefreshToken,
    /// Authenticates a program: `ipt_…`.
    ApiToken,
}

impl SecretKind {
    /// Returns the prefix of the secret's text.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::RefreshToken => "ipr_",
            Self::ApiToken => "ipt_",
        }
    }
}

/// A secret in clear: the prefix of its kind and 64 hexadecimal digits. It is shown once and never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// Makes a secret from random bytes.
    pub fn new(kind: SecretKind, random: &[u8; RANDOM_BYTES]) -> Self {
        let mut text = String::with_capacity(kind.prefix().len() + 2 * RANDOM_BYTES);
        text.push_str(kind.prefix());
        for byte in random {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Parses a presented text that has the form of such a secret; any other needs no lookup in the store.
    pub fn parse(kind: SecretKind, text: &str) -> Result<Self, TokenError> {
        let digits = text.strip_prefix(kind.prefix()).ok_or(TokenError::Invalid)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 2 * RANDOM_BYTES || !digits.bytes().all(is_digit) {
            return Err(TokenError::Invalid);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the secret, for its holder only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the hash to store. It needs no salt and no work factor, because 256 random bits cannot be guessed.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(secret)")
    }
}

/// The SHA-256 of a [`TokenSecret`]'s text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps stored bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, for storage.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_by_its_form_and_hidden_in_debug_output() {
        let secret = TokenSecret::new(SecretKind::ApiToken, &[0xa5; 32]);
        assert_eq!(secret.expose(), format!("ipt_{}", "a5".repeat(32)));
        assert_eq!(TokenSecret::parse(SecretKind::ApiToken, secret.expose()), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains("a5"));
    }

    #[test]
    fn a_text_of_another_form_is_not_a_secret() {
        let good = TokenSecret::new(SecretKind::ApiToken, &[0xa5; 32]).expose().to_owned();
        let (shorter, longer) = (&good[..good.len() - 1], format!("{good}a"));
        let (upper_case, other_kind) = (good.to_uppercase(), good.replace("ipt_", "ipr_"));
        let no_digit = good.replace("a5", "g5");
        for text in ["", "ipt_", shorter, &longer, &upper_case, &other_kind, &no_digit, &"ü".repeat(34)] {
            assert_eq!(TokenSecret::parse(SecretKind::ApiToken, text), Err(TokenError::Invalid), "{text}");
        }
    }

    /// The expected value was computed with `printf ipt_000… | sha256sum`.
    #[test]
    fn the_stored_hash_is_the_sha_256_of_the_text() {
        let hash = TokenSecret::new(SecretKind::ApiToken, &[0; 32]).hash();
        let expected = [
            0x31, 0xba, 0x60, 0x06, 0x43, 0x90, 0x10, 0xe3, 0x9a, 0xff, 0xf6, 0xe6, 0xe3, 0xe5, 0x5f, 0x42, 0x70, 0x6f,
            0x0c, 0xe1, 0xb7, 0xc7, 0x6a, 0xc1, 0x71, 0x24, 0xdf, 0xc9, 0x80, 0xf5, 0xcc, 0x97,
        ];
        assert_eq!(hash.as_bytes(), &expected);
    }
}
