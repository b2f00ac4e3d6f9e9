//! The database that a command uses.

use std::path::Path;

use incident_domain::incidents::TimelineKey;

use crate::{
    config::{Config, Layers},
    embedded_database::{DEFAULT_FOLDER, EmbeddedDatabase},
    schema_health::require_current,
    telemetry,
    timeline_key_health::accepted,
    wiring::{Adapters, timeline_key},
};

/// Returns the configuration with a database that exists: the embedded one in `folder` if that is given, otherwise the
/// one in `DATABASE_URL`, otherwise the embedded one in the default folder if there is one.
pub(super) fn existing(layers: &Layers, folder: Option<&Path>) -> anyhow::Result<Config> {
    if let Some(folder) = folder {
        return EmbeddedDatabase::in_folder(folder).config(layers, |layers| layers);
    }
    let default = EmbeddedDatabase::in_folder(Path::new(DEFAULT_FOLDER));
    if !layers.gives("DATABASE_URL")? && default.settings_file().exists() {
        return default.config(layers, |layers| layers);
    }
    Ok(Config::from_layers(layers)?)
}

/// Returns the configuration with the same database as [`existing`]; creates an embedded one if it does not exist.
pub(super) async fn existing_or_new(layers: &Layers, folder: Option<&Path>) -> anyhow::Result<Config> {
    let folder = match folder {
        Some(folder) => folder,
        None if layers.gives("DATABASE_URL")? => return Ok(Config::from_layers(layers)?),
        None => Path::new(DEFAULT_FOLDER),
    };
    EmbeddedDatabase::create_or_open(folder).await?.config(layers, |layers| layers)
}

/// Starts logging, and runs a command on the database, whose schema must fit this release.
pub(super) async fn with_adapters<T>(
    config: &Config,
    command: impl AsyncFnOnce(&Adapters) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    telemetry::start(config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(config)?;
    let result = command(&adapters).await;
    adapters.store.close().await;
    result
}

/// Runs a command that writes timelines, as [`with_adapters`] does. The key must be that of the database.
pub(super) async fn with_timeline_key<T>(
    config: &Config,
    command: impl AsyncFnOnce(&Adapters, TimelineKey) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let key = timeline_key(config)?;
    with_adapters(config, async |adapters| {
        accepted(adapters.timeline_keys(key.clone()).confirm().await)?;
        command(adapters, key).await
    })
    .await
}
