//! What can go wrong between a program and its store.

use std::error::Error;

use thiserror::Error;

use super::{RecordKind, UniqueKey};

/// How a change set contradicts what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Conflict {
    /// Something changed since it was read.
    #[error("changed since it was read")]
    Stale,
    /// A unique key is taken.
    #[error("{0} is taken")]
    Duplicate(UniqueKey),
    /// A record that a change names does not exist.
    #[error("{0} does not exist")]
    Missing(RecordKind),
    /// A record that is to be deleted is referred to.
    #[error("{0} is referred to")]
    InUse(RecordKind),
}

/// The store does not work; a use case can only report it.
#[derive(Debug, Error)]
#[error("{fault}")]
pub struct StoreError {
    fault: Fault,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Fault {
    #[error("the store is unavailable")]
    Unavailable,
    #[error("the store holds data that cannot be read")]
    Unreadable,
}

impl StoreError {
    /// Wraps the cause of an outage, which is for the log and never for a client.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault: Fault::Unavailable, source: source.into() }
    }

    /// Wraps the cause why stored data cannot have been written by this program. A retry does not help.
    pub fn unreadable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { fault: Fault::Unreadable, source: source.into() }
    }

    /// Returns true if the store answered with data that this program never writes.
    pub fn is_unreadable(&self) -> bool {
        self.fault == Fault::Unreadable
    }
}
