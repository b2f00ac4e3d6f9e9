//! Where log lines go: to standard error, so that standard output is free for a command's own result. Where spans go:
//! to the collector of traces, if there is one.

use std::io::{self, IsTerminal};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, dynamic_filter_fn},
    fmt,
    layer::{Filter, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{
    config::{Config, LogFormat},
    traces,
};

/// What goes on until the program ends.
#[must_use]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sends the traces that are not sent yet.
    pub(crate) async fn stop(self) {
        if let Some(provider) = self.0 {
            traces::stop(provider).await;
        }
    }
}

/// Starts logging; a second call changes nothing.
pub(crate) fn start(config: &Config) {
    start_collecting(config, None);
}

/// Starts logging and tracing.
pub(crate) fn start_with_traces(config: &Config) -> anyhow::Result<Telemetry> {
    let provider = traces::provider(config)?;
    start_collecting(config, provider.as_ref());
    Ok(Telemetry(provider))
}

fn start_collecting(config: &Config, provider: Option<&SdkTracerProvider>) {
    let registry = tracing_subscriber::registry().with(lines(config));
    // A second start would only mean a second server in one process, as tests have them. A layer that may be there and is
    // not would have every line and span ask each time whether anybody wants it.
    let _ = match provider {
        Some(provider) => registry.with(spans(provider)).try_init(),
        None => registry.try_init(),
    };
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
}

/// What is logged. Lines tell their request by its id, and nothing of spans.
fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(config: &Config) -> impl Layer<S> {
    let json = match config.log_format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let lines = if json {
        fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed()
    } else {
        fmt::layer().compact().with_target(false).with_writer(io::stderr).boxed()
    };
    lines.with_filter(worth_a_line(config.log_level.level(), config.database_echo))
}

fn worth_a_line<S: Subscriber>(level: Level, database_echo: bool) -> impl Filter<S> {
    // Statements are logged at debug by their own switch, whatever the level of the rest.
    let statements = if database_echo { "debug" } else { "warn" };
    // What a client sends that is not even HTTP is no error of ours.
    let filter =
        EnvFilter::new(format!("{level},sqlx={statements},sea_orm_migration=warn,actix_server=warn,actix_http=off"));
    filter.and(asked_each_time(is_event))
}

fn is_event(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
}

/// A filter that is asked each time about what it wants. Were its yes remembered, the next line or span after somebody has
/// asked whether something else would be logged, and it would not, would be lost:
/// <https://github.com/tokio-rs/tracing/issues/2519>.
fn asked_each_time<S: Subscriber>(is_wanted: fn(&Metadata<'_>) -> bool) -> impl Filter<S> {
    dynamic_filter_fn(move |metadata, _| is_wanted(metadata)).with_callsite_filter(move |metadata| {
        if is_wanted(metadata) { Interest::sometimes() } else { Interest::never() }
    })
}

/// What is traced: our own spans, whatever is logged.
fn spans<S: Subscriber + for<'a> LookupSpan<'a>>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S> {
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("incident-server"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(asked_each_time(|metadata| metadata.is_span() && metadata.target().starts_with("incident_")))
}
