//! Hashing passwords.

use std::error::Error;

use async_trait::async_trait;
use thiserror::Error;

use crate::PasswordHash;

/// Hashes and checks passwords, which is slow on purpose.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// The hash of a password.
    ///
    /// - MUST salt, so that equal passwords have different hashes.
    /// - MUST NOT block the threads that serve other requests.
    async fn hash(&self, password: String) -> Result<PasswordHash, PasswordHasherError>;

    /// Whether a password is the one that was hashed. Without a hash the answer is `false`.
    ///
    /// - MUST take the same time with and without a hash, so that the time tells nobody which accounts
    ///   exist.
    /// - MUST NOT block the threads that serve other requests.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError>;
}

/// A password could not be hashed or checked, for a reason that is not its holder's.
#[derive(Debug, Error)]
#[error("password hashing failed")]
pub struct PasswordHasherError {
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl PasswordHasherError {
    /// Wraps the cause.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
