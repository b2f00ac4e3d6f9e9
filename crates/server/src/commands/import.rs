//! `import`: imports incidents from a file of another system.

use std::process::ExitCode;

use super::database;
use crate::{
    cli::Import,
    config::Layers,
    import::{self, servicenow},
};

pub(super) async fn run(layers: &Layers, command: Import) -> anyhow::Result<ExitCode> {
    let Import::Servicenow { file, data } = command;
    // An invalid file is refused before a database is created.
    let file = servicenow::read(&file)?;
    let config = database::existing_or_new(layers, data.as_deref()).await?;
    database::with_timeline_key(&config, async |adapters, key| import::replay(file, adapters.replay_ports(), key).await)
        .await
}
