//! The database that a command works on.

use std::path::Path;

use crate::{
    config::{Config, Layers},
    embedded::{DEFAULT_FOLDER, Embedded},
};

/// The settings of the embedded database in this folder; or, if none is named, of the configured one, or of the one
/// in the default folder if no other is configured.
pub(super) fn config(layers: &Layers, folder: Option<&Path>) -> anyhow::Result<Config> {
    if let Some(folder) = folder {
        return Embedded::in_folder(folder).config(layers, |layers| layers);
    }
    let default = Embedded::in_folder(Path::new(DEFAULT_FOLDER));
    if !layers.gives("DATABASE_URL")? && default.settings_file().exists() {
        return default.config(layers, |layers| layers);
    }
    Ok(Config::from_layers(layers)?)
}

/// The settings of the embedded database in this folder, or if none is named, of the configured one, or of the one in
/// the default folder if no other is configured; an embedded one is made if it is not there.
pub(super) async fn or_new(layers: &Layers, folder: Option<&Path>) -> anyhow::Result<Config> {
    let folder = match folder {
        Some(folder) => folder,
        None if layers.gives("DATABASE_URL")? => return Ok(Config::from_layers(layers)?),
        None => Path::new(DEFAULT_FOLDER),
    };
    Embedded::open(folder).await?.config(layers, |layers| layers)
}
