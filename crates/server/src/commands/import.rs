//! `import`: taking over incidents from another system.

use std::process::ExitCode;

use super::existing;
use crate::{
    cli::Import,
    config::Layers,
    import::{self, servicenow},
    schema_health::require_current,
    telemetry,
    wiring::{Adapters, timeline_key},
};

pub(super) async fn run(layers: &Layers, command: Import) -> anyhow::Result<ExitCode> {
    let Import::Servicenow { file, data } = command;
    // A file that cannot be used is refused before a database is even looked at.
    let file = servicenow::read(&file)?;
    let config = existing::or_new(layers, data.as_deref()).await?;
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let outcome = import::replay(file, adapters.replay_ports(), timeline_key(&config)?).await;
    adapters.store.close().await;
    outcome
}
