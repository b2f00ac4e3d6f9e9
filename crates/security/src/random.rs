//! Secrets that a server invents by itself, from the operating system's random numbers.

use std::fmt::{self, Write};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use incident_domain::kernel::{SecretGenerator, SecretGeneratorError};
use thiserror::Error;
use zeroize::Zeroizing;

/// How many random bytes a secret has: as many as the output of the SHA-256 that it keys (RFC 2104, section 3).
const SECRET_BYTES: usize = 32;

/// How many random bytes a password has: 144 bits, and 24 characters without a remainder.
const PASSWORD_BYTES: usize = 18;

/// Text that is not shown by accident and is wiped from memory when it goes.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text, for whoever needs the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(secret)")
    }
}

/// The operating system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gives no random numbers")]
pub struct RandomError(#[from] getrandom::Error);

/// A new secret for signing or sealing: 32 random bytes as 64 hexadecimal digits.
pub fn random_secret() -> Result<SecretText, RandomError> {
    let bytes = random_bytes::<SECRET_BYTES>()?;
    let mut text = Zeroizing::new(String::with_capacity(2 * SECRET_BYTES));
    for byte in bytes.iter() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(SecretText(text))
}

/// A new password: 144 random bits as 24 characters that are safe in a URL and in a shell.
pub fn random_password() -> Result<SecretText, RandomError> {
    let bytes = random_bytes::<PASSWORD_BYTES>()?;
    Ok(SecretText(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes))))
}

/// Takes secrets for others from the operating system's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsSecrets;

impl SecretGenerator for OsSecrets {
    fn secret(&self) -> Result<[u8; SECRET_BYTES], SecretGeneratorError> {
        random_bytes().map(|bytes| *bytes).map_err(|_| SecretGeneratorError)
    }
}

pub(crate) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, RandomError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const DRAWS: usize = 1_000;

    #[test]
    fn a_secret_is_64_hexadecimal_digits_and_never_the_same() {
        let secrets: HashSet<String> = (0..DRAWS).map(|_| random_secret().unwrap().expose().to_owned()).collect();
        assert_eq!(secrets.len(), DRAWS);
        for secret in &secrets {
            assert_eq!(secret.len(), 64);
            assert!(secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{secret}");
        }
    }

    #[test]
    fn a_password_is_url_safe_of_at_least_120_bits_and_never_the_same() {
        let passwords: HashSet<String> = (0..DRAWS).map(|_| random_password().unwrap().expose().to_owned()).collect();
        assert_eq!(passwords.len(), DRAWS);
        for password in &passwords {
            let url_safe = password.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            assert!(url_safe, "{password}");
            let bits = password.len() * 6;
            assert!(bits >= 120, "{bits} bits");
        }
    }

    #[test]
    fn every_bit_of_a_secret_varies() {
        let mut seen_set = [0_u8; SECRET_BYTES];
        let mut seen_clear = [0_u8; SECRET_BYTES];
        for _ in 0..DRAWS {
            let bytes = random_bytes::<SECRET_BYTES>().unwrap();
            for (index, byte) in bytes.iter().enumerate() {
                seen_set[index] |= byte;
                seen_clear[index] |= !byte;
            }
        }
        assert_eq!((seen_set, seen_clear), ([0xff; SECRET_BYTES], [0xff; SECRET_BYTES]));
    }

    #[test]
    fn the_operating_system_never_gives_the_same_secret() {
        let secrets: HashSet<[u8; 32]> = (0..DRAWS).map(|_| OsSecrets.secret().unwrap()).collect();
        assert_eq!(secrets.len(), DRAWS);
        assert!(!secrets.contains(&[0; 32]));
    }

    #[test]
    fn a_secret_text_is_not_shown() {
        let secret = random_secret().unwrap();
        let shown = format!("{secret:?}");
        assert!(!shown.contains(secret.expose()), "{shown}");
    }
}
