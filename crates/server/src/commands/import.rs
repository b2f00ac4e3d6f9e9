//! `import`: imports incidents from a file of another system.

use std::process::ExitCode;

use super::database;
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
    // An invalid file is refused before a database is created.
    let file = servicenow::read(&file)?;
    let config = database::existing_or_new(layers, data.as_deref()).await?;
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let outcome = import::replay(file, adapters.replay_ports(), timeline_key(&config)?).await;
    adapters.store.close().await;
    outcome
}
