//! Why there are no numbers.

use incident_domain::ports::StoreError;
use thiserror::Error;

use super::{STATISTICS_BUCKETS_MAX, STATISTICS_INCIDENTS_MAX};
use crate::Forbidden;

/// Why there are no numbers.
#[derive(Debug, Error)]
pub enum StatisticsError {
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// More incidents than one report is about.
    #[error("a report is about at most {STATISTICS_INCIDENTS_MAX} incidents; narrow the filter")]
    TooManyIncidents,
    /// More spans than one report has.
    #[error("a report has at most {STATISTICS_BUCKETS_MAX} spans; narrow the filter or take longer ones")]
    TooManyBuckets,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}
