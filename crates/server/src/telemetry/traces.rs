//! Traces (OpenTelemetry): spans are sent to a collector, and join the traces of clients.

use std::{collections::HashMap, time::Duration};

use anyhow::Context;
use incident_http::TraceContext;
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use secrecy::{ExposeSecret, SecretString};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, registry::LookupSpan};

use super::logs::uncached_filter;
use crate::config::Config;

/// The path at which collectors receive spans (the OTLP specification).
const TRACES_PATH: &str = "v1/traces";

/// How long a collector may take to accept spans.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a stopping server waits until the last spans are sent.
const LAST_EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// Builds what collects spans and sends them; `None` if no collector is configured. A thread of its own sends them, so
/// that no request waits for the collector; spans that cannot be sent in time are dropped.
pub(super) fn provider(config: &Config) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(collector) = &config.otlp_endpoint else { return Ok(None) };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(collector))
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .context("traces cannot be sent")?;
    // A client that started a trace has decided whether it is sampled.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_sample_ratio)));
    let resource = Resource::builder().with_service_name("incident-server");
    let resource = resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler);
    Ok(Some(provider.with_resource(resource.build()).build()))
}

fn traces_url(collector: &SecretString) -> String {
    format!("{}/{TRACES_PATH}", collector.expose_secret().trim_end_matches('/'))
}

/// Collects the spans of our own crates, whatever is logged.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S> {
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("incident-server"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(uncached_filter(|metadata| metadata.is_span() && metadata.target().starts_with("incident_")))
}

/// Sends the last spans.
pub(super) async fn stop(provider: SdkTracerProvider) {
    let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_EXPORT_TIMEOUT)).await;
    if let Ok(Err(error)) = stopped {
        tracing::warn!(error = %error, "cannot send the last traces");
    }
}

/// Reads the trace of a client from the headers of its request (W3C Trace Context).
pub(crate) struct W3cTraceContext;

impl TraceContext for W3cTraceContext {
    fn join(&self, span: &Span, traceparent: &str, tracestate: Option<&str>) {
        let mut headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        headers.extend(tracestate.map(|state| ("tracestate".to_owned(), state.to_owned())));
        let parent = TraceContextPropagator::new().extract(&headers);
        // Fails for spans that are not collected, which need no parent.
        let _ = span.set_parent(parent);
    }

    fn rename(&self, span: &Span, name: String) {
        // A name that is recorded as a field counts only until the span starts.
        span.context().span().update_name(name);
    }
}
