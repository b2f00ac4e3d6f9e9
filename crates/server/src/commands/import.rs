//! `import`: taking over incidents from another system.

use std::{path::Path, process::ExitCode};

use crate::{
    cli::Import,
    config::{Config, Layers},
    embedded::{DEFAULT_FOLDER, Embedded},
    import::{self, servicenow},
    schema_health::require_current,
    telemetry,
    wiring::{Adapters, timeline_key},
};

pub(super) async fn run(layers: &Layers, command: Import) -> anyhow::Result<ExitCode> {
    let Import::Servicenow { file, data } = command;
    // A file that cannot be used is refused before a database is even looked at.
    let file = servicenow::read(&file)?;
    let config = match data.as_deref() {
        Some(folder) => embedded(folder).await?,
        None if layers.gives("DATABASE_URL")? => Config::from_layers(layers)?,
        None => embedded(Path::new(DEFAULT_FOLDER)).await?,
    };
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let outcome = import::replay(file, adapters.replay_ports(), timeline_key(&config)?).await;
    adapters.store.close().await;
    outcome
}

async fn embedded(folder: &Path) -> anyhow::Result<Config> {
    Embedded::open(folder).await?.config(|layers| layers)
}
