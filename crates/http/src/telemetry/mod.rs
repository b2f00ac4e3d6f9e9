//! Metrics and traces of requests, and the metrics endpoint's text.
//!
//! Labels have few values: known methods, patterns of routes, statuses. Nothing that clients choose freely, such as a
//! path, creates a time series.

mod exposition;
mod matched_route;
mod request_metrics;
mod request_span;

pub use exposition::{Exposition, Metrics};
pub(crate) use matched_route::MatchedRoute;
pub use request_metrics::SharedRecorder;
pub(crate) use request_metrics::{ConnectionEnd, RequestMetrics};
pub(crate) use request_span::RequestSpan;
pub use request_span::TraceContext;
