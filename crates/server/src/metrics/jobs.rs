//! Counts what happens to background jobs.

use std::{sync::Arc, time::Duration};

use incident_application::kernel::{JobEvent, JobMetrics, OLDEST_DUE_METRIC};
use incident_domain::kernel::JobKind;
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
            describe_gauge!(OLDEST_DUE_METRIC, "How long the oldest open job has been due, by kind.");
        });
        Self { recorder }
    }
}

impl JobMetrics for MeasuredJobs {
    fn count(&self, kind: &JobKind, event: JobEvent) {
        with_local_recorder(&self.recorder, || counter!(event.metric(), "kind" => kind.to_string())).increment(1);
    }

    fn oldest_due(&self, kind: &JobKind, age: Duration) {
        with_local_recorder(&self.recorder, || gauge!(OLDEST_DUE_METRIC, "kind" => kind.to_string()))
            .set(age.as_secs_f64());
    }
}
