//! The embedded database: a folder with a SQLite file and the secrets that belong to it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use incident_security::random_secret;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use secrecy::ExposeSecret;
use thiserror::Error;

use crate::{
    config::{Config, Layers},
    new_file::NewFile,
};

/// The folder of the database if none is named.
pub(crate) const DEFAULT_FOLDER: &str = "data";

/// The characters of a path that mean something else in a URL of SQLite, such as `:memory:` and `?mode=memory`, or in TOML.
const NOT_IN_URL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b':').add(b'=').add(b'?').add(b'\\');

/// A folder has a database and no settings file. The text says what to do.
#[derive(Debug, Error)]
#[error(
    "{} exists without its settings file {}, and new keys would not fit its timelines; put the settings file back, for \
     instance from a backup, or use another folder",
    .database.display(),
    .settings.display()
)]
pub(crate) struct MissingSettings {
    database: PathBuf,
    settings: PathBuf,
}

/// A folder with a database and its secrets.
pub(crate) struct EmbeddedDatabase {
    folder: PathBuf,
}

impl EmbeddedDatabase {
    /// Names a folder, which need not exist.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Refuses a folder with a database and no settings file: new keys would not fit its timelines.
    fn refuse_lost_settings(&self) -> Result<(), MissingSettings> {
        let (settings, database) = (self.settings_file(), self.database_file());
        if database.exists() && !settings.exists() {
            return Err(MissingSettings { database, settings });
        }
        Ok(())
    }

    /// Creates the folder, its secrets and its database unless they exist, and migrates the schema up.
    pub(crate) async fn create_or_open(folder: &Path) -> anyhow::Result<Self> {
        let embedded = Self::in_folder(folder);
        embedded.refuse_lost_settings()?;
        create_private_folder(folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
        embedded.create_secrets()?;
        incident_migrations::up(&embedded.database_url()?).await.context("cannot prepare the database")?;
        Ok(embedded)
    }

    /// Reads the configuration with this database. The settings file of the folder is overridden by the environment,
    /// that by the flags, and those by what the command adds.
    pub(crate) fn config(&self, flags: &Layers, add: impl FnOnce(Layers) -> Layers) -> anyhow::Result<Config> {
        Ok(Config::from_layers(&add(self.layers()?.with_flags_of(flags)))?)
    }

    /// Returns the sources of the settings of this database.
    pub(crate) fn layers(&self) -> anyhow::Result<Layers> {
        let layers = Layers::of_process(Some(&self.settings_file()))?;
        Ok(layers.with_flag("DATABASE_URL", self.database_url()?))
    }

    /// Returns the path of the settings file, which contains the secrets.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.folder.join("incident-server.toml")
    }

    /// Returns the absolute path as a URL, so that the settings mean the same database wherever they are read.
    fn database_url(&self) -> anyhow::Result<String> {
        let path = std::path::absolute(self.database_file())?;
        let path = path.to_str().with_context(|| format!("the path {} is not UTF-8", path.display()))?;
        Ok(format!("sqlite://{}", utf8_percent_encode(path, NOT_IN_URL)))
    }

    fn database_file(&self) -> PathBuf {
        self.folder.join("incidents.db")
    }

    fn create_secrets(&self) -> anyhow::Result<()> {
        let file = self.settings_file();
        // An earlier release left an empty file if the disk was full at the first start.
        if !self.database_file().exists() && file.metadata().is_ok_and(|found| found.len() == 0) {
            fs::remove_file(&file).with_context(|| format!("cannot replace the empty {}", file.display()))?;
        }
        if file.exists() {
            return Ok(());
        }
        // Nothing in these values needs to be escaped: the URL is percent-encoded.
        let text = format!(
            "# The settings of the database in this folder. Keep this file secret and with every backup: no timeline can\n\
             # be verified without timeline_key. `incident-server timeline-key --help` says how to replace it.\n\
             # `incident-server serve --config <this file>` serves the same database without quickstart.\n\
             database_url = \"{}\"\n\
             secret_key = \"{}\"\n\
             timeline_key = \"{}\"\n",
            self.database_url()?,
            random_secret()?.expose_secret(),
            random_secret()?.expose_secret(),
        );
        let mut created = NewFile::begin(&file)?;
        created.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
        created.finish()
    }
}

/// Creates a folder that only its owner can read.
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
