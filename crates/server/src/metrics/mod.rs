//! The metrics of the server, for Prometheus.
//!
//! Each server has a recorder of its own; there is none for the whole process. An adapter creates its metric handles
//! while it is built, with the recorder of its server in force, and keeps them.

mod cache;
mod database;
mod exposition;
mod jobs;
mod rate_limiter;
mod recorder;

pub(crate) use cache::MeasuredCache;
pub(crate) use database::{DatabaseMetrics, DatabaseMetricsPorts};
pub(crate) use exposition::MetricsText;
pub(crate) use jobs::MeasuredJobs;
pub(crate) use rate_limiter::MeasuredLimiter;
pub(crate) use recorder::recorder;
