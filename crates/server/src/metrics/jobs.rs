//! Counts what happens to background jobs.

use std::{sync::Arc, time::Duration};

use incident_application::kernel::{JOBS_METRIC, JobEvent, JobMetrics, OLDEST_DUE_METRIC};
use incident_domain::kernel::{JobCounts, JobKind, JobState};
use metrics::{counter, describe_counter, describe_gauge, gauge, with_local_recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

/// Counts what happens to background jobs, by kind.
pub(crate) struct MeasuredJobs {
    recorder: Arc<PrometheusRecorder>,
}

impl MeasuredJobs {
    pub(crate) fn new(recorder: Arc<PrometheusRecorder>) -> Self {
        with_local_recorder(&recorder, || {
            for event in JobEvent::ALL {
                describe_counter!(event.metric(), event.description());
            }
            describe_gauge!(JOBS_METRIC, "Jobs in the queue, by kind and state.");
            describe_gauge!(OLDEST_DUE_METRIC, "How long the oldest open job has been due, by kind.");
        });
        Self { recorder }
    }
}

impl JobMetrics for MeasuredJobs {
    fn count(&self, kind: &JobKind, event: JobEvent) {
        with_local_recorder(&self.recorder, || counter!(event.metric(), "kind" => kind.to_string())).increment(1);
    }

    fn queue(&self, counts: &JobCounts, oldest_due: Duration) {
        let kind = || counts.kind.to_string();
        with_local_recorder(&self.recorder, || {
            for (state, jobs) in [(JobState::Open, counts.open), (JobState::Dead, counts.dead)] {
                #[expect(clippy::cast_precision_loss, reason = "a queue holds far fewer than 2^53 jobs")]
                let jobs = jobs as f64;
                gauge!(JOBS_METRIC, "kind" => kind(), "state" => state.as_str()).set(jobs);
            }
            gauge!(OLDEST_DUE_METRIC, "kind" => kind()).set(oldest_due.as_secs_f64());
        });
    }
}
