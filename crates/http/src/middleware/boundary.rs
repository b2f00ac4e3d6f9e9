//! The outermost middleware: assigns the request id, renders problems, adds common headers, and records the request in
//! the log, the metrics and the trace.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use incident_application::identity::Limited;
use tracing::Instrument;

use super::security_headers::{Transport, add_security_headers};
use crate::{
    app_state::AppState,
    problem::{PROBLEM_JSON, Problem, ProblemCode},
    rate_limit,
    request::{RequestId, X_REQUEST_ID},
    telemetry::{RequestMetrics, RequestSpan},
};

/// What is recorded about a request when its response is complete.
struct RequestRecord {
    metrics: RequestMetrics,
    span: RequestSpan,
    method: String,
    path: String,
    started: Instant,
    request_id: RequestId,
    transport: Transport,
}

pub(crate) async fn boundary(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = RequestId::take_or_make(&request, &*state.ids);
    request.extensions_mut().insert(request_id.clone());
    let method = request.method().to_string();
    let transport = request.app_data::<Transport>().copied().unwrap_or(Transport::Plain);
    let metrics = state.metrics.start_request(&request);
    let span = RequestSpan::start(state.traces.as_ref(), &request, request_id.as_str());
    let entered = span.span();
    let record = RequestRecord {
        metrics,
        span,
        method,
        path: request.path().to_owned(),
        started: Instant::now(),
        request_id,
        transport,
    };

    match next.call(request).instrument(entered).await {
        Ok(response) => Ok(finish(&record, response.map_into_boxed_body())),
        Err(error) => Err(fail(&record, error.error_response())),
    }
}

/// Completes a response, with the rate limits that the request counted against.
fn finish(record: &RequestRecord, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (request, response) = response.into_parts();
    let mut response = complete(record, response);
    if let Some(limited) = request.extensions().get::<Limited>() {
        rate_limit::add_headers(limited, response.headers_mut());
    }
    ServiceResponse::new(request, response)
}

/// Completes an error whose request the inner middleware has consumed.
fn fail(record: &RequestRecord, response: HttpResponse) -> Error {
    InternalError::from_response("refused", complete(record, response)).into()
}

fn complete(record: &RequestRecord, mut response: HttpResponse) -> HttpResponse {
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        response = with_headers_of(&response, render(record, problem));
    } else if is_framework_error(&response) {
        let code = ProblemCode::of_status(response.status());
        response = with_headers_of(&response, render(record, Problem::new(code, code.title())));
    }
    let status = response.status();
    let duration = record.started.elapsed();
    record.metrics.answered(status, duration);
    record.span.answered(status, record.metrics.route());
    let duration_ms = duration.as_secs_f64() * 1000.0;
    tracing::info!(
        request_id = record.request_id.as_str(),
        method = record.method,
        path = record.path,
        status = status.as_u16(),
        duration_ms,
        "request served"
    );
    if let Ok(value) = HeaderValue::from_str(record.request_id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    add_security_headers(response.headers_mut(), record.transport);
    response
}

/// Whether the framework made this error response by itself.
fn is_framework_error(response: &HttpResponse) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_problem = content_type.is_some_and(|value| value == PROBLEM_JSON);
    response.status().as_u16() >= 400 && !is_problem
}

/// Copies the headers of a replaced response to the problem: those of other middleware and of the framework's own errors,
/// such as `Allow`. Headers about the replaced body are left out.
fn with_headers_of(replaced: &HttpResponse, mut problem: HttpResponse) -> HttpResponse {
    const BODY_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING];
    for name in replaced.headers().keys().filter(|name| !BODY_HEADERS.contains(name)) {
        if !problem.headers().contains_key(name) {
            for value in replaced.headers().get_all(name) {
                problem.headers_mut().append(name.clone(), value.clone());
            }
        }
    }
    problem
}

/// Renders a problem. Its cause is logged here only, and never sent to the client.
fn render(record: &RequestRecord, problem: Problem) -> HttpResponse {
    if let Some(cause) = problem.cause() {
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(error) = source {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            source = error.source();
        }
        tracing::error!(
            request_id = record.request_id.as_str(),
            code = problem.code().as_str(),
            cause = chain,
            "request failed"
        );
    }
    problem.into_response(record.request_id.as_str())
}
