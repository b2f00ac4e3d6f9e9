//! `GET /metrics`: the metrics of the server.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    app_state::AppState,
    operation::{Access, Routes, get},
    problem::{Problem, ProblemCode},
    request::bearer_token,
    response::Response,
};

/// The text format of Prometheus.
const EXPOSITION_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes() -> Routes {
    Routes::tagged("health").operations([get("/metrics", Access::Probe, handle)
        .documented("metrics", "Read the server's metrics in the text format of Prometheus.")
        .details("If the server has a `METRICS_TOKEN`, send it as bearer token. No limit counts the request.")
        .returns_text("text/plain", "The metrics.")
        .problems(&[ProblemCode::InvalidToken])])
}

async fn handle(state: Data<AppState>, request: HttpRequest) -> Response {
    if !state.metrics.is_allowed(bearer_token(&request).unwrap_or_default()) {
        let detail = "send `Authorization: Bearer` and the token for metrics";
        return Err(Problem::new(ProblemCode::InvalidToken, detail));
    }
    let text = state.metrics.text().await;
    Ok(HttpResponse::Ok().content_type(EXPOSITION_FORMAT).body(text))
}
