//! Where metrics are recorded, and who may read them.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use async_trait::async_trait;
use metrics::NoopRecorder;
use subtle::ConstantTimeEq;

use super::request_metrics::{ConnectionEnd, HttpMetrics, RequestMetrics, SharedRecorder};

/// Renders all metrics as text.
#[async_trait]
pub trait Exposition: Send + Sync {
    /// Returns the text that Prometheus reads. It MUST return soon even if dependencies are unavailable.
    async fn text(&self) -> String;
}

/// The request metrics, and the text of all metrics.
pub struct Metrics {
    requests: Arc<HttpMetrics>,
    exposition: Arc<dyn Exposition>,
    token: Option<String>,
}

impl Metrics {
    /// Records with this recorder. Readers need the token if there is one.
    pub fn new(recorder: SharedRecorder, exposition: Arc<dyn Exposition>, token: Option<String>) -> Self {
        Self { requests: Arc::new(HttpMetrics::new(recorder)), exposition, token }
    }

    /// Records nothing.
    pub fn none() -> Self {
        Self::new(Arc::new(NoopRecorder), Arc::new(Nothing), None)
    }

    /// Starts to measure a request.
    pub(crate) fn start_request(&self, request: &ServiceRequest) -> RequestMetrics {
        RequestMetrics::start(&self.requests, request)
    }

    /// Counts a request that load shedding refused.
    pub(crate) fn note_shed(&self) {
        self.requests.note_shed();
    }

    /// Counts an open connection.
    pub(crate) fn note_connection_open(&self) {
        self.requests.note_connection_open();
    }

    /// Counts a connection as closed.
    pub(crate) fn note_connection_closed(&self) {
        self.requests.note_connection_closed();
    }

    /// Counts a connection that the server refused or ended by itself.
    pub(crate) fn note_connection_end(&self, end: ConnectionEnd) {
        self.requests.note_connection_end(end);
    }

    /// Whether this token gives access to the text.
    pub(crate) fn is_allowed(&self, token: &str) -> bool {
        self.token.as_ref().is_none_or(|expected| bool::from(token.as_bytes().ct_eq(expected.as_bytes())))
    }

    /// Returns the text of all metrics.
    pub(crate) async fn text(&self) -> String {
        self.exposition.text().await
    }
}

struct Nothing;

#[async_trait]
impl Exposition for Nothing {
    async fn text(&self) -> String {
        String::new()
    }
}
