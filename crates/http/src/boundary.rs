//! The outermost middleware: gives each request its id, turns whatever went wrong into a problem, and writes the one
//! log line.

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
use incident_application::Limited;
use tracing::Instrument;

use crate::{
    edge::{Transport, add_security_headers},
    measuring::{Traced, Underway},
    problem::{PROBLEM_JSON, Problem, ProblemCode},
    rate_limit,
    request::{RequestId, X_REQUEST_ID},
    services::Services,
};

/// What the log line tells of a request.
struct Line {
    underway: Underway,
    traced: Traced,
    method: String,
    path: String,
    started: Instant,
    request_id: RequestId,
    transport: Transport,
}

pub(crate) async fn boundary(
    services: Data<Services>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = RequestId::take_or_make(&request, &*services.ids);
    request.extensions_mut().insert(request_id.clone());
    let method = request.method().to_string();
    let transport = if request.app_config().secure() { Transport::Tls } else { Transport::Plain };
    let underway = services.metrics.underway(&request);
    let traced = Traced::begin(services.traces.as_ref(), &request, request_id.as_str());
    let span = traced.span();
    let line = Line {
        underway,
        traced,
        method,
        path: request.path().to_owned(),
        started: Instant::now(),
        request_id,
        transport,
    };

    match next.call(request).instrument(span).await {
        Ok(response) => Ok(finish(&line, response.map_into_boxed_body())),
        Err(error) => Err(fail(&line, error.error_response())),
    }
}

/// Completes the answer of a handler, with what it counted against.
fn finish(line: &Line, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (request, response) = response.into_parts();
    let mut response = complete(line, response);
    if let Some(limited) = request.extensions().get::<Limited>() {
        rate_limit::tell(limited, response.headers_mut());
    }
    ServiceResponse::new(request, response)
}

/// An answer that has no request any more, since the service kept it.
fn fail(line: &Line, response: HttpResponse) -> Error {
    InternalError::from_response("refused", complete(line, response)).into()
}

fn complete(line: &Line, mut response: HttpResponse) -> HttpResponse {
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        response = in_place_of(&response, answer(line, problem));
    } else if is_foreign_error(&response) {
        let code = ProblemCode::of_status(response.status());
        response = in_place_of(&response, answer(line, Problem::new(code, code.title())));
    }
    let status = response.status();
    let took = line.started.elapsed();
    line.underway.answered(status, took);
    line.traced.answered(status, line.underway.route());
    let duration_ms = took.as_secs_f64() * 1000.0;
    tracing::info!(
        request_id = line.request_id.as_str(),
        method = line.method,
        path = line.path,
        status = status.as_u16(),
        duration_ms,
        "request served"
    );
    if let Ok(value) = HeaderValue::from_str(line.request_id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    add_security_headers(response.headers_mut(), line.transport);
    response
}

/// An error that the framework answered without us, such as an unknown method.
fn is_foreign_error(response: &HttpResponse) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_problem = content_type.is_some_and(|value| value == PROBLEM_JSON);
    response.status().as_u16() >= 400 && !is_problem
}

/// A problem with what stood on the answer that it replaces: headers of other middleware, and those of the framework's
/// own errors, such as `Allow`. Those that were about the body go with it.
fn in_place_of(replaced: &HttpResponse, mut problem: HttpResponse) -> HttpResponse {
    const ABOUT_THE_BODY: [HeaderName; 3] = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING];
    for name in replaced.headers().keys().filter(|name| !ABOUT_THE_BODY.contains(name)) {
        if !problem.headers().contains_key(name) {
            for value in replaced.headers().get_all(name) {
                problem.headers_mut().append(name.clone(), value.clone());
            }
        }
    }
    problem
}

/// Writes the problem out; a cause is logged here and nowhere else, and never told to the client.
fn answer(line: &Line, problem: Problem) -> HttpResponse {
    if let Some(cause) = problem.cause() {
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(error) = source {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            source = error.source();
        }
        tracing::error!(
            request_id = line.request_id.as_str(),
            code = problem.code().as_str(),
            cause = chain,
            "request failed"
        );
    }
    problem.into_response(line.request_id.as_str())
}
