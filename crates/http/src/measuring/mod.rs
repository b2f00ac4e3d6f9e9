//! What is measured of requests, and how everything that is measured is read.
//!
//! What is measured carries few labels, and each has few values: a method that is known, the pattern of a route, a
//! status. Nothing that a client chooses freely, such as a path, makes a time series.

mod exposition;
mod matched_route;
mod requests;
mod traced;

pub use exposition::{Exposition, Metrics, SharedRecorder};
pub(crate) use matched_route::MatchedRoute;
pub(crate) use requests::Underway;
pub use traced::TraceContext;
pub(crate) use traced::Traced;
