//! The span of a request in a distributed trace.

use std::sync::Arc;

use actix_web::{
    dev::ServiceRequest,
    http::{StatusCode, header::HeaderName},
};
use tracing::{Span, field::Empty};

use super::{matched_route::MatchedRoute, request_metrics::label};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Connects spans with the traces of clients.
pub trait TraceContext: Send + Sync {
    /// Makes a span part of the client's trace (W3C Trace Context). Malformed headers are ignored.
    fn join(&self, span: &Span, traceparent: &str, tracestate: Option<&str>);

    /// Renames a span.
    fn rename(&self, span: &Span, name: String);
}

/// The span of a request. It is empty if tracing is not configured.
pub(crate) struct RequestSpan {
    span: Span,
    traces: Option<Arc<dyn TraceContext>>,
    method: &'static str,
}

impl RequestSpan {
    /// Starts the span. Field names follow the semantic conventions of OpenTelemetry for HTTP servers; fields that begin
    /// with `otel.` set properties of the span itself.
    pub(crate) fn start(traces: Option<&Arc<dyn TraceContext>>, request: &ServiceRequest, request_id: &str) -> Self {
        let method = label(request.method());
        let Some(traces) = traces else { return Self { span: Span::none(), traces: None, method } };
        let span = tracing::info_span!(
            "request",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = Empty,
            http.response.status_code = Empty,
            url.path = request.path(),
            request_id,
        );
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(traceparent) = header(TRACEPARENT) {
            traces.join(&span, traceparent, header(TRACESTATE));
        }
        Self { span, traces: Some(traces.clone()), method }
    }

    /// A handle to the span.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Records the response.
    pub(crate) fn answered(&self, status: StatusCode, route: &MatchedRoute) {
        let Some(traces) = &self.traces else { return };
        if let Some(pattern) = route.found() {
            self.span.record("http.route", pattern);
            traces.rename(&self.span, format!("{} {pattern}", self.method));
        }
        self.span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.span.record("otel.status_code", "ERROR");
        }
    }
}
