//! Random secrets from the operating system.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use incident_domain::kernel::{SecretGenerator, SecretGeneratorError};
use secrecy::SecretString;
use thiserror::Error;
use zeroize::Zeroizing;

/// The random bytes of a secret: as many as the output of SHA-256, for which it is a key (RFC 2104, section 3).
const SECRET_BYTES: usize = 32;

/// The random bytes of a password: 144 bits, which are 24 characters without padding.
const PASSWORD_BYTES: usize = 18;

/// The operating system returned no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system returns no random numbers")]
pub struct RandomError(#[from] getrandom::Error);

/// Generates a secret for signing or encryption: 32 random bytes as 64 hexadecimal digits.
pub fn random_secret() -> Result<SecretString, RandomError> {
    let (high, low) = (u128::from_be_bytes(*random_bytes()?), u128::from_be_bytes(*random_bytes()?));
    Ok(format!("{high:032x}{low:032x}").into())
}

/// Generates a password: 144 random bits as 24 characters that are safe in a URL and in a shell.
pub fn random_password() -> Result<SecretString, RandomError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(*random_bytes::<PASSWORD_BYTES>()?).into())
}

/// Generates secrets from random numbers of the operating system.
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
