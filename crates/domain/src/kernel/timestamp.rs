//! Timestamps.

/// A point in time in UTC, in whole microseconds wherever it is stored.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
