//! `backup`: copies the database while servers use it.

use std::{borrow::Cow, fs, path::Path, process::ExitCode};

use anyhow::Context;
use secrecy::ExposeSecret;

use super::{
    database,
    output::{EXIT_CONFIGURATION, print, print_error},
};
use crate::{cli::Backup, config::Layers, telemetry, wiring::Adapters};

pub(super) async fn run(layers: &Layers, arguments: Backup) -> anyhow::Result<ExitCode> {
    let Backup { file, data } = arguments;
    let config = database::existing(layers, data.as_deref())?;
    let Some(path) = incident_migrations::sqlite_file(config.database_url.expose_secret()) else {
        print_error(&anyhow::anyhow!(how_to_dump(&file)));
        return Ok(ExitCode::from(EXIT_CONFIGURATION));
    };
    telemetry::start(&config);
    let adapters = Adapters::new(&config)?;
    // The schema is not checked: backups are taken before upgrades.
    let copied = adapters.store.back_up(&file).await;
    adapters.store.close().await;
    copied?;
    let bytes = fs::metadata(&file).with_context(|| format!("cannot read the size of {}", file.display()))?.len();
    print(&format!("copied to {}: {bytes} bytes\n{}", file.display(), how_to_restore(&path, &file)))
}

fn how_to_dump(file: &Path) -> String {
    let file = file.display();
    format!(
        "a PostgreSQL database is copied with its own tool; with its URL in DATABASE_URL:\n\
         \n  pg_dump --format=custom --file={file} \"$DATABASE_URL\"\n\
         \nTo restore the copy into an empty database:\n\
         \n  pg_restore --exit-on-error --no-owner --dbname=\"$DATABASE_URL\" {file}\n"
    )
}

fn how_to_restore(path: &Path, file: &Path) -> String {
    let beside = |suffix| quoted(Path::new(&format!("{}{suffix}", path.display())));
    let (path, wal, shm, file) = (quoted(path), beside("-wal"), beside("-shm"), quoted(file));
    format!(
        "\nTo restore it, stop every server of this database. This names processes that still use it:\n\
         \n  fuser -v {path}\n\
         \nWhen there are none:\n\
         \n  rm -f {path} {wal} {shm}\n  cp {file} {path}\n\
         \nThe copy does not contain the settings. No timeline can be verified without the same TIMELINE_KEY."
    )
}

/// Writes a path so that a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), Cow::into_owned)
}
