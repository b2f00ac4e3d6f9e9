//! `migrate`: the schema of the configured database.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context;

use super::{EXIT_SCHEMA, say};
use crate::{cli::Migrate, config::Config, schema_health::advice, telemetry, wiring::Adapters};

/// How often the log says how far the texts are.
const TOLD_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(config: &Config, command: &Migrate) -> anyhow::Result<ExitCode> {
    telemetry::start(config);
    let url = config.database_url.expose();
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
    say(&lines.join("\n"))?;
    if !matches!(command, Migrate::Status) {
        return Ok(ExitCode::SUCCESS);
    }
    match advice(&incident_migrations::schema_state(url).await?) {
        None => Ok(ExitCode::SUCCESS),
        Some(advice) => {
            say(&advice)?;
            Ok(ExitCode::from(EXIT_SCHEMA))
        }
    }
}

/// Makes incidents found by their words that a release without search has stored.
async fn index_texts(config: &Config) -> anyhow::Result<()> {
    let store = Adapters::new(config)?.store;
    let mut told: Option<Instant> = None;
    let tell = |indexed: u64| {
        if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            tracing::info!(indexed, "reading the texts of incidents");
            told = Some(Instant::now());
        }
    };
    let indexed = store.index_texts(tell).await;
    store.close().await;
    let indexed = indexed.context("cannot make incidents found by their words; migrate up goes on where it stopped")?;
    if indexed > 0 {
        say(&format!("{indexed} incidents are found by their words now"))?;
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
        "nothing was taken back, because this would be lost:\n{}\ntake a backup, and add --lose-data",
        losses.join("\n")
    )
}
