//! Secrets that a client shows to be let in: long random texts of which only a hash is stored.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use super::TokenError;

/// How many random bytes a secret has: 256 bits, which nobody guesses.
const RANDOM_BYTES: usize = 32;

/// What a secret is for. Its text begins with the name, so that a secret in the wrong place is recognised
/// for what it is, by people and by programs that search for leaked ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// Renews a session's access token: `ipr_…`.
    RefreshToken,
    /// Lets a machine in: `ipt_…`.
    ApiToken,
}

impl SecretKind {
    /// How the secret's text begins.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::RefreshToken => "ipr_",
            Self::ApiToken => "ipt_",
        }
    }
}

/// A secret as its holder has it: the prefix of its kind and 64 hexadecimal digits. Shown once, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(String);

impl TokenSecret {
    /// A secret made of random bytes.
    pub fn new(kind: SecretKind, random: &[u8; RANDOM_BYTES]) -> Self {
        let mut text = String::with_capacity(kind.prefix().len() + 2 * RANDOM_BYTES);
        text.push_str(kind.prefix());
        for byte in random {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Takes what somebody shows, if it has the form of such a secret: anything else needs no look at the
    /// store.
    pub fn parse(kind: SecretKind, text: &str) -> Result<Self, TokenError> {
        let digits = text.strip_prefix(kind.prefix()).ok_or(TokenError::Invalid)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 2 * RANDOM_BYTES || !digits.bytes().all(is_digit) {
            return Err(TokenError::Invalid);
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret, for its holder only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it. A plain hash is enough: nobody can try all texts of 256 random bits.
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

    /// The bare bytes, for storage.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_by_its_form_and_not_shown() {
        let secret = TokenSecret::new(SecretKind::ApiToken, &[0xa5; 32]);
        assert_eq!(secret.expose(), format!("ipt_{}", "a5".repeat(32)));
        assert_eq!(TokenSecret::parse(SecretKind::ApiToken, secret.expose()), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains("a5"));
    }

    #[test]
    fn what_has_another_form_is_no_secret() {
        let good = TokenSecret::new(SecretKind::ApiToken, &[0xa5; 32]).expose().to_owned();
        let (shorter, longer) = (&good[..good.len() - 1], format!("{good}a"));
        let (shouted, other_kind) = (good.to_uppercase(), good.replace("ipt_", "ipr_"));
        let no_digit = good.replace("a5", "g5");
        for text in ["", "ipt_", shorter, &longer, &shouted, &other_kind, &no_digit, &"ü".repeat(34)] {
            assert_eq!(TokenSecret::parse(SecretKind::ApiToken, text), Err(TokenError::Invalid), "{text}");
        }
    }

    /// The example of FIPS 180-4's test vectors would not have the form of a secret; this value was computed
    /// with `printf ipt_000… | sha256sum`.
    #[test]
    fn what_is_stored_is_the_sha_256_of_the_text() {
        let hash = TokenSecret::new(SecretKind::ApiToken, &[0; 32]).hash();
        let expected = [
            0x31, 0xba, 0x60, 0x06, 0x43, 0x90, 0x10, 0xe3, 0x9a, 0xff, 0xf6, 0xe6, 0xe3, 0xe5, 0x5f, 0x42, 0x70, 0x6f,
            0x0c, 0xe1, 0xb7, 0xc7, 0x6a, 0xc1, 0x71, 0x24, 0xdf, 0xc9, 0x80, 0xf5, 0xcc, 0x97,
        ];
        assert_eq!(hash.as_bytes(), &expected);
    }
}
