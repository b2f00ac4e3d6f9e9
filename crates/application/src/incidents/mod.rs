//! Incidents: changing, reading and searching them, their timelines as a whole, and statistics about them.

mod bulk;
mod change;
mod commands;
mod incident_ref;
mod published;
mod read;
mod rule;
mod search;
mod service;
mod statistics;
mod timelines;

pub use bulk::{BULK_INCIDENTS_MAX, BulkChange, BulkItem, BulkOutcome, BulkRefusal, BulkStep};
pub use change::IncidentChange;
pub use incident_ref::IncidentRef;
pub(crate) use published::revision_events;
pub use read::TimelinePage;
pub use rule::{IncidentError, IncidentRule};
pub use search::{Found, FoundPage, Highlight};
pub use service::{IncidentPorts, Incidents};
pub use statistics::{
    Breakdown, Bucket, CachedReports, Counted, Durations, HoldTime, Numbers, STATISTICS_BUCKETS_MAX,
    STATISTICS_INCIDENTS_MAX, ServiceLevel, ServiceLevelNumbers, ServiceLevels, Span, Statistics, StatisticsError,
    StatisticsQuery, StatisticsReport,
};
pub use timelines::{
    ConfirmedStore, ExportOutcome, KeyChange, KeyMismatch, TimelineError, TimelineExport, TimelineFault,
    TimelineFinding, TimelineKeyError, TimelineKeyPorts, TimelineKeys, TimelinePorts, TimelineProgress,
    TimelineVerdict, Timelines, TimelinesEnd, Unsealed, VerifyOutcome, WhichTimelines,
};
