//! Logs and traces: where log lines are written, and where spans are sent.

mod logs;
mod traces;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;

pub(crate) use logs::{dropped_lines, flush_logs};
pub(crate) use traces::W3cTraceContext;

/// The traces of a running server. It must be stopped, so that the last spans are sent.
#[must_use]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sends the spans that were not sent yet.
    pub(crate) async fn stop(self) {
        if let Some(provider) = self.0 {
            traces::stop(provider).await;
        }
    }
}

/// Starts logging. A second call has no effect.
pub(crate) fn start(config: &Config) {
    start_with(config, None);
}

/// Starts logging and tracing.
pub(crate) fn start_with_traces(config: &Config) -> anyhow::Result<Telemetry> {
    let provider = traces::provider(config)?;
    start_with(config, provider.as_ref());
    Ok(Telemetry(provider))
}

fn start_with(config: &Config, provider: Option<&SdkTracerProvider>) {
    let registry = tracing_subscriber::registry().with(logs::layer(config));
    // Starting twice only happens in tests, which run several servers in one process. The layer of traces is added only
    // if there are traces: an optional layer would be consulted for each line and span.
    let _ = match provider {
        Some(provider) => registry.with(traces::layer(provider)).try_init(),
        None => registry.try_init(),
    };
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
}
