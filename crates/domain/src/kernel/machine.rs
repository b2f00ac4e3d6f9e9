//! Ports to the machine: the time, new ids and random bits.

use thiserror::Error;
use uuid::Uuid;

use super::Timestamp;

/// Reads the time.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time in UTC.
    ///
    /// - MUST return whole microseconds, which every store keeps exactly.
    fn now(&self) -> Timestamp;
}

/// Generates identifiers.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// Returns a new UUIDv7 (RFC 9562).
    ///
    /// - MUST be unique, and greater than all that this generator returned before.
    fn next_id(&self) -> Uuid;
}

/// The system provides no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the system provides no random numbers")]
pub struct SecretGeneratorError;

/// Generates secrets.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SecretGenerator: Send + Sync {
    /// Returns 256 random bits.
    ///
    /// - MUST be unpredictable, even when all earlier results are known.
    fn secret(&self) -> Result<[u8; 32], SecretGeneratorError>;
}
