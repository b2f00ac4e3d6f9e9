//! Statistics about incidents: how many, how long, how often reopened, and which service levels were kept. They are
//! computed here and not by the databases, so that every store gives the same.

mod cached_reports;
mod error;
mod holds;
mod levels;
mod query;
mod report;
mod report_bytes;
mod samples;
mod service;
mod span;

pub use cached_reports::CachedReports;
pub use error::{STATISTICS_BUCKETS_MAX, STATISTICS_INCIDENTS_MAX, StatisticsError};
pub use levels::{ServiceLevel, ServiceLevels};
pub use query::{HoldTime, StatisticsQuery};
pub use report::{Breakdown, Bucket, Counted, Durations, Numbers, ServiceLevelNumbers, StatisticsReport};
pub use service::Statistics;
pub use span::Span;
