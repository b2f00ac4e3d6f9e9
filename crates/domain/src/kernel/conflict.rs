//! Errors of the store.

use std::error::Error;

use thiserror::Error;

use super::{RecordKind, UniqueKey};

/// The way in which a change set contradicts stored data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Conflict {
    /// A record changed since it was read.
    #[error("changed since it was read")]
    Stale,
    /// Another record has the same value of a unique key.
    #[error("{0} is taken")]
    Duplicate(UniqueKey),
    /// A record that a change refers to does not exist.
    #[error("{0} does not exist")]
    Missing(RecordKind),
    /// A record to be deleted is still referred to.
    #[error("{0} is referred to")]
    InUse(RecordKind),
}

/// A failure of the store, which a use case can only report.
#[derive(Debug, Error)]
#[error("{fault}")]
pub struct StoreError {
    fault: Fault,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

/// The kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Fault {
    #[error("the store is unavailable")]
    Unavailable,
    #[error("the store holds data that cannot be read")]
    Unreadable,
}

impl StoreError {
    /// Wraps the cause of an outage. The cause is logged and never shown to a client.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault: Fault::Unavailable, source: source.into() }
    }

    /// Wraps the reason why stored data cannot be read. A retry does not help.
    pub fn unreadable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault: Fault::Unreadable, source: source.into() }
    }

    /// Returns true if the store returned data that this program never writes.
    pub fn is_unreadable(&self) -> bool {
        self.fault == Fault::Unreadable
    }
}
