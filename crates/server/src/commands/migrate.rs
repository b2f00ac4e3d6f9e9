//! `migrate`: the schema of the configured database.

use std::process::ExitCode;

use super::{EXIT_SCHEMA, say};
use crate::{cli::Migrate, config::Config, schema_health::advice};

pub(super) async fn run(config: &Config, command: &Migrate) -> anyhow::Result<ExitCode> {
    let url = config.database_url.expose();
    match command {
        Migrate::Up => incident_migrations::up(url).await?,
        Migrate::Down { steps } => incident_migrations::down(url, *steps).await?,
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
