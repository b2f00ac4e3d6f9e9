//! `GET /metrics`: what was measured.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{Problem, ProblemBody, ProblemCode},
    request::bearer_token,
    services::Services,
};

/// The text format of Prometheus.
const EXPOSITION_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

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
    if !services.metrics.lets_in(bearer_token(&request).unwrap_or_default()) {
        let detail = "send `Authorization: Bearer` and the token for metrics";
        return Err(Problem::new(ProblemCode::InvalidToken, detail));
    }
    let text = services.metrics.text().await;
    Ok(HttpResponse::Ok().content_type(EXPOSITION_FORMAT).body(text))
}
