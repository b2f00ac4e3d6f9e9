//! Traces that go from service to service (OpenTelemetry), sent to a collector.

use std::{collections::HashMap, time::Duration};

use anyhow::Context;
use incident_http::TraceContext;
use opentelemetry::{KeyValue, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::config::{Config, Secret};

/// Where collectors take spans, below their address (the OTLP specification).
const TRACES_PATH: &str = "v1/traces";

/// How long a collector may take to accept spans.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server that stops waits until the last spans are sent.
const LAST_EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// Collects spans and sends them from a thread of its own, with whose haste no request has to do: what it cannot get rid
/// of in time is dropped. None where no collector is named.
pub(crate) fn provider(config: &Config) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(collector) = &config.otlp_endpoint else { return Ok(None) };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(collector))
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .context("traces cannot be sent")?;
    // Whoever has begun a trace elsewhere has decided about all of it.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_sample_ratio)));
    let resource = Resource::builder().with_service_name("incident-server");
    let resource = resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler);
    Ok(Some(provider.with_resource(resource.build()).build()))
}

fn traces_url(collector: &Secret) -> String {
    format!("{}/{TRACES_PATH}", collector.expose().trim_end_matches('/'))
}

/// Sends what is left.
pub(crate) async fn stop(provider: SdkTracerProvider) {
    let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_EXPORT_TIMEOUT)).await;
    if let Ok(Err(error)) = stopped {
        tracing::warn!(error = %error, "the last traces could not be sent");
    }
}

/// How traces go from service to service (W3C Trace Context).
pub(crate) struct W3cTraceContext;

impl TraceContext for W3cTraceContext {
    fn join(&self, span: &Span, traceparent: &str, tracestate: Option<&str>) {
        let mut headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        headers.extend(tracestate.map(|state| ("tracestate".to_owned(), state.to_owned())));
        let parent = TraceContextPropagator::new().extract(&headers);
        // A span that nobody collects has no parent either.
        let _ = span.set_parent(parent);
    }

    fn rename(&self, span: &Span, name: String) {
        // The layer takes the name that is recorded only until the span begins.
        span.context().span().update_name(name);
    }
}
