//! What only the machine knows: the time, new ids, and random numbers.

use thiserror::Error;
use uuid::Uuid;

use super::Timestamp;

/// Tells the time.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    ///
    /// - MUST be in whole microseconds, so that what is stored is what was said.
    fn now(&self) -> Timestamp;
}

/// Makes identifiers.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// A new UUIDv7 (RFC 9562).
    ///
    /// - MUST be unique, and greater than all that this generator made before.
    fn next_id(&self) -> Uuid;
}

/// The machine gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there are no random numbers to be had")]
pub struct SecretGeneratorError;

/// Makes what nobody can guess.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SecretGenerator: Send + Sync {
    /// 256 random bits.
    ///
    /// - MUST be unpredictable, whatever was made before is known.
    fn secret(&self) -> Result<[u8; 32], SecretGeneratorError>;
}
