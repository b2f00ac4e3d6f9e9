//! Where measurements go, and who may read them.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use async_trait::async_trait;
use metrics::{NoopRecorder, Recorder};
use subtle::ConstantTimeEq;

use super::requests::{Requests, Underway};

/// What collects measurements. A server has one of its own, and not the process: several servers in one process, as
/// tests have them, each count for themselves.
pub type SharedRecorder = Arc<dyn Recorder + Send + Sync>;

/// Everything that was measured, written down.
#[async_trait]
pub trait Exposition: Send + Sync {
    /// The text that Prometheus reads. It is there soon, whatever else is away.
    async fn text(&self) -> String;
}

/// Where measurements go, and where and by whom they are read.
pub struct Metrics {
    requests: Arc<Requests>,
    exposition: Arc<dyn Exposition>,
    token: Option<String>,
}

impl Metrics {
    /// Measures for the recorder. Whoever reads must show the token, if there is one.
    pub fn new(recorder: SharedRecorder, exposition: Arc<dyn Exposition>, token: Option<String>) -> Self {
        Self { requests: Arc::new(Requests::new(recorder)), exposition, token }
    }

    /// Measures nothing.
    pub fn none() -> Self {
        Self::new(Arc::new(NoopRecorder), Arc::new(Nothing), None)
    }

    pub(crate) fn underway(&self, request: &ServiceRequest) -> Underway {
        Underway::begin(&self.requests, request)
    }

    /// Counts a request that was sent away at the door.
    pub(crate) fn note_shed(&self) {
        self.requests.note_shed();
    }

    /// Whether whoever shows this may read.
    pub(crate) fn lets_in(&self, shown: &str) -> bool {
        self.token.as_ref().is_none_or(|token| bool::from(shown.as_bytes().ct_eq(token.as_bytes())))
    }

    /// Everything that was measured.
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
