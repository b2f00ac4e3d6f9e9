//! The embedded default: a folder that holds a SQLite database and the secrets that go with it.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use incident_security::random_secret;

use crate::config::{Config, Layers};

/// The folder that is used when none is named.
pub(crate) const DEFAULT_FOLDER: &str = "data";

/// A folder with a database and its secrets.
pub(crate) struct Embedded {
    folder: PathBuf,
}

impl Embedded {
    /// The folder as it may or may not be.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Opens the folder; creates it, its secrets and its database if they are not there.
    pub(crate) async fn open(folder: &Path) -> anyhow::Result<Self> {
        let embedded = Self::in_folder(folder);
        create_private_folder(folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
        embedded.create_secrets()?;
        incident_migrations::up(&embedded.database_url()).await.context("cannot prepare the database")?;
        Ok(embedded)
    }

    /// The configuration with this database: the folder's own file, and over it the environment and the flags that were
    /// given; the command adds what it has to say.
    pub(crate) fn config(&self, given: &Layers, own: impl FnOnce(Layers) -> Layers) -> anyhow::Result<Config> {
        let layers = Layers::of_process(Some(&self.settings_file()))?.with_flags_of(given);
        let layers = layers.with_flag("DATABASE_URL", self.database_url());
        Ok(Config::from_layers(&own(layers))?)
    }

    /// The file with the secrets, in the form of a configuration file.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.folder.join("incident-server.toml")
    }

    fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.join("incidents.db").display())
    }

    fn create_secrets(&self) -> anyhow::Result<()> {
        let file = self.settings_file();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = match options.open(&file) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("cannot create {}", file.display())),
        };
        let text = format!(
            "# Made once for this folder's database. Keep it secret, keep it with every backup, and never change\n\
             # timeline_key: without it no timeline can be verified.\n\
             # `incident-server serve --config <this file>` runs the same database without quickstart.\n\
             database_url = \"{}\"\n\
             secret_key = \"{}\"\n\
             timeline_key = \"{}\"\n",
            self.database_url(),
            random_secret()?.expose(),
            random_secret()?.expose(),
        );
        opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all())?;
        Ok(())
    }
}

fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
