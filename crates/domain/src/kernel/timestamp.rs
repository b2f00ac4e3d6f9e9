//! Instants.

/// An instant in UTC; whole microseconds wherever it is stored.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
