//! `migrate`: changes the schema of the configured database.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;
use secrecy::ExposeSecret;

use super::output::{EXIT_SCHEMA, print};
use crate::{cli::Migrate, config::Config, schema_health::advice, telemetry, wiring::Adapters};

/// How often the progress of the search index is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, command: &Migrate) -> anyhow::Result<ExitCode> {
    telemetry::start(config);
    let url = config.database_url.expose_secret();
    match command {
        Migrate::Up => {
            incident_migrations::up(url).await?;
            index_texts(config).await?;
        }
        Migrate::Down { steps, lose_data: true } => incident_migrations::down(url, *steps).await?,
        Migrate::Down { steps, lose_data: false } => down_without_loss(url, *steps).await?,
        Migrate::Status => {}
    }
    let steps = incident_migrations::status(url).await?;
    let line = |step: &incident_migrations::Step| {
        format!("{}  {}", if step.applied { "applied" } else { "pending" }, step.name)
    };
    let lines: Vec<String> = steps.iter().map(line).collect();
    print(&lines.join("\n"))?;
    if !matches!(command, Migrate::Status) {
        return Ok(ExitCode::SUCCESS);
    }
    match advice(&incident_migrations::schema_state(url).await?) {
        None => Ok(ExitCode::SUCCESS),
        Some(advice) => {
            print(&advice)?;
            Ok(ExitCode::from(EXIT_SCHEMA))
        }
    }
}

/// Adds incidents to the search index that a release without search stored.
async fn index_texts(config: &Config) -> anyhow::Result<()> {
    let store = Adapters::new(config)?.store;
    let mut logged_at: Option<Instant> = None;
    let log_progress = |indexed: u64| {
        if logged_at.is_none_or(|logged_at| logged_at.elapsed() >= LOG_INTERVAL) {
            tracing::info!(indexed, "adding incidents to the search index");
            logged_at = Some(Instant::now());
        }
    };
    let indexed = store.index_texts(log_progress).await;
    store.close().await;
    let indexed = indexed.context("cannot add incidents to the search index; the next migrate up continues")?;
    if indexed > 0 {
        print(&format!("added {indexed} incidents to the search index"))?;
    }
    Ok(())
}

async fn down_without_loss(url: &str, steps: u32) -> anyhow::Result<()> {
    let losses = incident_migrations::down_without_loss(url, steps).await?;
    if losses.is_empty() {
        return Ok(());
    }
    let losses: Vec<String> = losses.iter().map(|loss| format!("  {loss}")).collect();
    anyhow::bail!(
        "no step was taken back, because this would be lost:\n{}\ntake a backup, and add --lose-data",
        losses.join("\n")
    )
}
