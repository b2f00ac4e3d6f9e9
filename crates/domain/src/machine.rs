//! What only the machine knows: the time, and new ids.

use uuid::Uuid;

use crate::Timestamp;

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
