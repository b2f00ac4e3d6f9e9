//! The metrics as text, in the format of Prometheus.

use std::sync::Arc;

use async_trait::async_trait;
use incident_http::Exposition;
use metrics::{counter, describe_counter, with_local_recorder};
use metrics_exporter_prometheus::PrometheusRecorder;
use metrics_process::Collector;

use super::database::DatabaseMetrics;
use crate::telemetry;

const DROPPED_LINES: &str = "incident_log_lines_dropped_total";

/// Collects the metrics of one server when Prometheus asks for them.
pub(crate) struct MetricsText {
    recorder: Arc<PrometheusRecorder>,
    process: Collector,
    record_connections: Box<dyn Fn() + Send + Sync>,
    database: DatabaseMetrics,
}

impl MetricsText {
    /// `record_connections` records how many database connections are open.
    pub(crate) fn new(
        recorder: Arc<PrometheusRecorder>,
        record_connections: impl Fn() + Send + Sync + 'static,
        database: DatabaseMetrics,
    ) -> Self {
        let process = Collector::default();
        with_local_recorder(&recorder, || {
            process.describe();
            describe_counter!(DROPPED_LINES, "Log lines that were dropped because they could not be written in time.");
        });
        Self { recorder, process, record_connections: Box::new(record_connections), database }
    }
}

#[async_trait]
impl Exposition for MetricsText {
    async fn text(&self) -> String {
        // First, because it may open a connection.
        let database = self.database.text().await;
        (self.record_connections)();
        with_local_recorder(&self.recorder, || {
            self.process.collect();
            counter!(DROPPED_LINES).absolute(telemetry::dropped_lines());
        });
        let mut text = self.recorder.handle().render();
        text.push_str(&database);
        text
    }
}
