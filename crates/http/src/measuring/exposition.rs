//! Where measurements go, and `GET /metrics`, where they are read.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, dev::ServiceRequest, web::Data};
use async_trait::async_trait;
use metrics::{NoopRecorder, Recorder};
use subtle::ConstantTimeEq;

use super::requests::{Requests, Underway};
use crate::{
    problem::{Problem, ProblemBody, ProblemCode},
    request::bearer_token,
    services::Services,
};

/// What collects measurements. A server has one of its own, and not the process: several servers in one process, as
/// tests have them, each count for themselves.
pub type SharedRecorder = Arc<dyn Recorder + Send + Sync>;

/// The text format of Prometheus.
const EXPOSITION_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

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

    fn let_in(&self, request: &HttpRequest) -> Result<(), Problem> {
        let Some(token) = &self.token else { return Ok(()) };
        let shown = bearer_token(request).unwrap_or_default();
        if bool::from(shown.as_bytes().ct_eq(token.as_bytes())) {
            return Ok(());
        }
        Err(Problem::new(ProblemCode::InvalidToken, "send `Authorization: Bearer` and the token for metrics"))
    }
}

struct Nothing;

#[async_trait]
impl Exposition for Nothing {
    async fn text(&self) -> String {
        String::new()
    }
}

/// What the server has measured, in the text format of Prometheus. It counts against no limit.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    operation_id = "metrics",
    security(()),
    responses(
        (status = 200, description = "What was measured.", body = String, content_type = "text/plain"),
        (
            status = 401,
            description = "The server has a `METRICS_TOKEN`, and this is not it.",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    )
)]
pub(crate) async fn handle(services: Data<Services>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    services.metrics.let_in(&request)?;
    let text = services.metrics.exposition.text().await;
    Ok(HttpResponse::Ok().content_type(EXPOSITION_FORMAT).body(text))
}
