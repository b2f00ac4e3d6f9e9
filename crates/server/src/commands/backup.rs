//! `backup`: copies the database while servers use it.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context;
use secrecy::ExposeSecret;

use super::{
    database,
    output::{EXIT_CONFIGURATION, print, print_error},
};
use crate::{cli::Backup, config::Layers, telemetry, wiring::Adapters};

const SQLITE: &str = "sqlite:";

pub(super) async fn run(layers: &Layers, arguments: Backup) -> anyhow::Result<ExitCode> {
    let Backup { file, data } = arguments;
    let config = database::existing(layers, data.as_deref())?;
    let Some(path) = config.database_url.expose_secret().strip_prefix(SQLITE) else {
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
    print(&format!("copied to {}: {bytes} bytes\n{}", file.display(), how_to_restore(path, &file)))
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

/// `path` is the URL of the database without its scheme.
fn how_to_restore(path: &str, file: &Path) -> String {
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    let file = file.display();
    format!(
        "\nTo restore it, stop every server of this database, then run:\n\
         \n  rm -f {path} {path}-wal {path}-shm\n  cp {file} {path}\n\
         \nThe copy does not contain the settings. No timeline can be verified without the same TIMELINE_KEY."
    )
}
