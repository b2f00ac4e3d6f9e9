//! Log lines. They are written to standard error; standard output is for the results of commands.
//!
//! A thread of its own writes them. If nobody reads standard error, for example because it is a pipe whose reader hangs,
//! requests go on, and the lines that find no place in the queue are dropped and counted.

use std::{
    io::{self, BufWriter, IsTerminal},
    sync::{LazyLock, Mutex, PoisonError},
};

use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, dynamic_filter_fn},
    fmt,
    layer::Filter,
    registry::LookupSpan,
};

use crate::config::{Config, LogFormat};

/// How many lines may wait to be written. At about 300 bytes each, they take 2.5 MB.
const WAITING_LINES_MAX: usize = 8192;

/// Writes to standard error, for all servers of the process.
static WRITER: LazyLock<Writer> = LazyLock::new(|| {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES_MAX).lossy(true).thread_name("log");
    // The thread flushes when no line waits.
    let (lines, guard) = builder.finish(BufWriter::new(io::stderr()));
    let dropped = lines.error_counter();
    Writer { lines, dropped, guard: Mutex::new(Some(guard)) }
});

struct Writer {
    lines: NonBlocking,
    dropped: ErrorCounter,
    guard: Mutex<Option<WorkerGuard>>,
}

/// Writes the lines that wait, and no further ones. Gives up after a second if nobody reads them.
pub(crate) fn flush_logs() {
    if let Some(writer) = LazyLock::get(&WRITER) {
        drop(writer.guard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Returns how many lines were dropped because the queue was full.
pub(crate) fn dropped_lines() -> u64 {
    LazyLock::get(&WRITER).map_or(0, |writer| writer.dropped.dropped_lines().try_into().unwrap_or(u64::MAX))
}

/// Writes log lines. A line contains the id of its request, and no spans.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(config: &Config) -> impl Layer<S> {
    let is_json = match config.log_format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let lines = if is_json {
        fmt::layer().json().flatten_event(true).with_writer(WRITER.lines.clone()).boxed()
    } else {
        fmt::layer().compact().with_target(false).with_writer(WRITER.lines.clone()).boxed()
    };
    lines.with_filter(logged_events(config.log_level.level(), config.database_echo))
}

fn logged_events<S: Subscriber>(level: Level, database_echo: bool) -> impl Filter<S> {
    // Statements are logged at debug level; `DATABASE_ECHO` decides about them, whatever the level of the rest.
    let statements = if database_echo { "debug" } else { "warn" };
    // Input that is not HTTP is an error of the client.
    let filter = EnvFilter::new(format!("{level},sqlx={statements},sea_orm_migration=warn,hyper=off,h2=off"));
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
