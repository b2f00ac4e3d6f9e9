//! Why a report was not computed.

use incident_domain::kernel::StoreError;
use thiserror::Error;

use crate::kernel::Forbidden;

/// The most incidents that one report is about.
pub const STATISTICS_INCIDENTS_MAX: u64 = 2_000_000;

/// The most spans that one report has.
pub const STATISTICS_BUCKETS_MAX: usize = 400;

/// Why a report was not computed.
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
