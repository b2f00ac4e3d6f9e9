//! Hashing passwords.

use std::{error::Error, time::Duration};

use async_trait::async_trait;
use thiserror::Error;

use crate::{Password, PasswordHash};

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
