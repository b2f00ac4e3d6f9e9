//! `backup`: a copy of the database while servers use it.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context;

use super::{EXIT_CONFIGURATION, existing, say, say_error};
use crate::{cli::Backup, config::Layers, telemetry, wiring::Adapters};

const SQLITE: &str = "sqlite:";

pub(super) async fn run(layers: &Layers, arguments: Backup) -> anyhow::Result<ExitCode> {
    let Backup { file, data } = arguments;
    let config = existing::config(layers, data.as_deref())?;
    let Some(database) = config.database_url.expose().strip_prefix(SQLITE) else {
        say_error(&anyhow::anyhow!(how_to_dump(&file)));
        return Ok(ExitCode::from(EXIT_CONFIGURATION));
    };
    telemetry::start(&config);
    let adapters = Adapters::new(&config)?;
    // Of any schema: the moment before an upgrade is a good one.
    let copied = adapters.store.back_up(&file).await;
    adapters.store.close().await;
    copied?;
    let bytes = fs::metadata(&file).with_context(|| format!("cannot look at {}", file.display()))?.len();
    say(&format!("copied to {}: {bytes} bytes\n{}", file.display(), how_to_restore(database, &file)))
}

fn how_to_dump(file: &Path) -> String {
    let file = file.display();
    format!(
        "a PostgreSQL database is copied with its own tool; with its URL in DATABASE_URL:\n\
         \n  pg_dump --format=custom --file={file} \"$DATABASE_URL\"\n\
         \nTo go back to it, into a database that is empty:\n\
         \n  pg_restore --exit-on-error --no-owner --dbname=\"$DATABASE_URL\" {file}\n"
    )
}

/// `database` is the URL without its scheme.
fn how_to_restore(database: &str, file: &Path) -> String {
    let path = database.strip_prefix("//").unwrap_or(database);
    let path = path.split('?').next().unwrap_or(path);
    let file = file.display();
    format!(
        "\nTo go back to it, stop every server of this database, and:\n\
         \n  rm -f {path} {path}-wal {path}-shm\n  cp {file} {path}\n\
         \nThe settings are not in it; without the same TIMELINE_KEY no timeline can be verified."
    )
}
