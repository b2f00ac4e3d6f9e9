//! Log lines. They are written to standard error; standard output is for the results of commands.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, dynamic_filter_fn},
    fmt,
    layer::Filter,
    registry::LookupSpan,
};

use crate::config::{Config, LogFormat};

/// Writes log lines. A line contains the id of its request, and no spans.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(config: &Config) -> impl Layer<S> {
    let is_json = match config.log_format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let lines = if is_json {
        fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed()
    } else {
        fmt::layer().compact().with_target(false).with_writer(io::stderr).boxed()
    };
    lines.with_filter(logged_events(config.log_level.level(), config.database_echo))
}

fn logged_events<S: Subscriber>(level: Level, database_echo: bool) -> impl Filter<S> {
    // Statements are logged at debug level; `DATABASE_ECHO` decides about them, whatever the level of the rest.
    let statements = if database_echo { "debug" } else { "warn" };
    // Input that is not HTTP is an error of the client.
    let filter =
        EnvFilter::new(format!("{level},sqlx={statements},sea_orm_migration=warn,actix_server=warn,actix_http=off"));
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is for one lifetime only")]
    filter.and(uncached_filter(|metadata| metadata.is_event()))
}

/// Makes a filter whose answer is not cached. A cached positive answer would lose lines and spans:
/// <https://github.com/tokio-rs/tracing/issues/2519>.
pub(super) fn uncached_filter<S: Subscriber>(is_wanted: fn(&Metadata<'_>) -> bool) -> impl Filter<S> {
    dynamic_filter_fn(move |metadata, _| is_wanted(metadata)).with_callsite_filter(move |metadata| {
        if is_wanted(metadata) { Interest::sometimes() } else { Interest::never() }
    })
}
