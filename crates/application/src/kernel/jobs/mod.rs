//! Background jobs: handlers do the work, a runner claims and finishes jobs, and administrators look at them.

mod admin;
mod backoff;
mod handler;
mod maintenance;
mod metrics;
mod runner;
mod settings;
mod waker;
mod workers;

pub use admin::{JobError, JobRule, Jobs};
pub use backoff::Backoff;
pub(crate) use handler::job_kind;
pub use handler::{JobFailure, JobHandler, JobPolicy};
pub use maintenance::PurgeReplies;
pub use metrics::{JOBS_METRIC, JobEvent, JobMetrics, OLDEST_DUE_METRIC};
pub use runner::JobRunner;
pub use settings::{JobPorts, JobSettings};
pub use waker::JobWaker;
