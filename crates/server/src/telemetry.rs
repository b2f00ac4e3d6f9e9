//! Where log lines go: to standard error, so that standard output is free for a command's own result.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, LogFormat};

/// Starts logging; a second call changes nothing.
pub(crate) fn start(config: &Config) {
    // Statements are logged at debug by their own switch, whatever the level of the rest.
    let statements = if config.database_echo { "debug" } else { "warn" };
    // What a client sends that is not even HTTP is no error of ours.
    let filter = EnvFilter::new(format!(
        "{},sqlx={statements},sea_orm_migration=warn,actix_server=warn,actix_http=off",
        config.log_level
    ));
    let json = match config.log_format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    // A second start would only mean a second server in one process, as tests have them.
    let _ = if json {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().compact().with_target(false).with_writer(io::stderr)).try_init()
    };
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
}
