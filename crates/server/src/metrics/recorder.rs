//! The recorder that collects the metrics of one server.

use anyhow::Context;
use metrics::{describe_gauge, gauge, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

/// The buckets of durations, in seconds: from a cache hit to the time after which clients give up.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The buckets of batch sizes, in change sets.
const SETS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Makes a recorder that contains the release of the program.
pub(crate) fn recorder() -> anyhow::Result<PrometheusRecorder> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_sets".to_owned()), SETS))
        .context("the buckets of metrics")?
        .build_recorder();
    with_local_recorder(&recorder, || {
        describe_gauge!("incident_build_info", "The release; the value is always 1.");
        gauge!("incident_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    });
    Ok(recorder)
}
