//! The span of a request, for traces that go from service to service.

use std::sync::Arc;

use actix_web::{
    dev::ServiceRequest,
    http::{StatusCode, header::HeaderName},
};
use tracing::{Span, field::Empty};

use super::{MatchedRoute, requests::label};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Knows how traces go from service to service.
pub trait TraceContext: Send + Sync {
    /// Makes a span a part of the trace that a client names (W3C Trace Context). What is not well-formed is ignored.
    fn join(&self, span: &Span, traceparent: &str, tracestate: Option<&str>);

    /// Gives a span another name, as soon as a better one is known.
    fn rename(&self, span: &Span, name: String);
}

/// The span of a request; one that is nothing, where nobody traces.
pub(crate) struct Traced {
    span: Span,
    traces: Option<Arc<dyn TraceContext>>,
    method: &'static str,
}

impl Traced {
    /// Names are those of the semantic conventions of OpenTelemetry for HTTP servers; `otel.` ones are of the span itself.
    pub(crate) fn begin(traces: Option<&Arc<dyn TraceContext>>, request: &ServiceRequest, request_id: &str) -> Self {
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

    /// A handle to the span, to do the work in.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Notes what is known in the end only.
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
