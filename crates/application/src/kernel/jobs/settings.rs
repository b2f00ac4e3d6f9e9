//! What running jobs needs, and its limits.

use std::{sync::Arc, time::Duration};

use incident_domain::{
    kernel::{Clock, IdGenerator, JobQueue},
    write::Store,
};

use super::JobMetrics;

/// What running jobs needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct JobPorts {
    pub store: Arc<dyn Store>,
    pub queue: Arc<dyn JobQueue>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
    pub metrics: Arc<dyn JobMetrics>,
}

/// How jobs are run in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobSettings {
    /// How many jobs of all kinds run at a time.
    pub running_max: usize,
    /// How often due jobs are looked for. Jobs that this process stores are found at once.
    pub poll_interval: Duration,
    /// How often it is measured how many jobs there are, and for how long they have been due.
    pub measure_interval: Duration,
    /// How long running jobs may take to finish when the runner is stopped, before they are cancelled and handed back.
    pub stop_grace: Duration,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self {
            running_max: 32,
            poll_interval: Duration::from_secs(1),
            measure_interval: Duration::from_secs(15),
            stop_grace: Duration::from_secs(5),
        }
    }
}
