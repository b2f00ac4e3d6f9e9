//! What the server measures of itself, for Prometheus.
//!
//! Each server collects for itself: what is measured goes through handles that are made while its adapters are, with
//! its recorder in force, and kept by whoever measures. There is no recorder of the whole process.

mod cached;
mod exposition;
mod limited;
mod overview;
mod recorder;

pub(crate) use cached::MeasuredCache;
pub(crate) use exposition::Written;
pub(crate) use limited::MeasuredLimiter;
pub(crate) use overview::{Overview, OverviewPorts};
pub(crate) use recorder::recorder;
