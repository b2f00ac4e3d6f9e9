//! Writing down what was measured, whenever Prometheus asks.

use std::sync::Arc;

use async_trait::async_trait;
use incident_http::Exposition;
use metrics::with_local_recorder;
use metrics_exporter_prometheus::PrometheusRecorder;
use metrics_process::Collector;

use super::overview::Overview;

/// The measurements of one server, written down.
pub(crate) struct Written {
    recorder: Arc<PrometheusRecorder>,
    process: Collector,
    note_connections: Box<dyn Fn() + Send + Sync>,
    overview: Overview,
}

impl Written {
    /// What the recorder has, how many connections there are, which the function notes, and what the database tells.
    pub(crate) fn new(
        recorder: Arc<PrometheusRecorder>,
        note_connections: impl Fn() + Send + Sync + 'static,
        overview: Overview,
    ) -> Self {
        let process = Collector::default();
        with_local_recorder(&recorder, || process.describe());
        Self { recorder, process, note_connections: Box::new(note_connections), overview }
    }
}

#[async_trait]
impl Exposition for Written {
    async fn text(&self) -> String {
        // First, since it may open a connection.
        let overview = self.overview.text().await;
        (self.note_connections)();
        with_local_recorder(&self.recorder, || self.process.collect());
        let mut text = self.recorder.handle().render();
        text.push_str(&overview);
        text
    }
}
