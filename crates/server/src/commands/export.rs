//! `export`: taking timelines elsewhere.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use incident_application::{ExportOutcome, TimelineExport, TimelineProgress, TimelinesEnd, WhichTimelines};

use super::{existing, say};
use crate::{
    cli::Export,
    config::Layers,
    progress::Bar,
    schema_health::require_current,
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
    telemetry,
    wiring::Adapters,
};

/// The name that stands for standard output.
const STDOUT: &str = "-";

pub(super) async fn run(layers: &Layers, command: Export) -> anyhow::Result<ExitCode> {
    let Export::Timelines { file, incident, data } = command;
    let config = existing::config(layers, data.as_deref())?;
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let export = TimelineExport::new(adapters.timeline_ports());
    let which = incident.map_or(WhichTimelines::All, WhichTimelines::Of);
    let exported = if file.as_os_str() == STDOUT {
        end_of(write(&export, which, &mut BufWriter::new(io::stdout())).await)
    } else {
        to_file(&export, which, file).await
    };
    adapters.store.close().await;
    exported
}

/// A file that is complete, or none.
async fn to_file(export: &TimelineExport, which: WhichTimelines, file: PathBuf) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(create(&file)?);
    let outcome = write(export, which, &mut out).await;
    let is_complete = matches!(outcome.end, TimelinesEnd::Complete);
    let kept = if is_complete { out.get_ref().sync_all().context("the export cannot be written") } else { Ok(()) };
    if !is_complete || kept.is_err() {
        fs::remove_file(&file).with_context(|| format!("cannot remove the incomplete {}", file.display()))?;
        return kept.and(end_of(outcome));
    }
    let ExportOutcome { incidents, entries, .. } = outcome;
    say(&format!("exported {incidents} timelines with {entries} entries to {}", file.display()))
}

/// Writes with a progress bar on a terminal.
async fn write(export: &TimelineExport, which: WhichTimelines, out: &mut (dyn Write + Send)) -> ExportOutcome {
    let interrupt = Interrupt::listen();
    let bar = Bar::new();
    let show = |progress: TimelineProgress| bar.show(progress.done, progress.total);
    let outcome = export.run(which, out, &interrupt.stop, &show).await;
    bar.clear();
    outcome
}

fn end_of(outcome: ExportOutcome) -> anyhow::Result<ExitCode> {
    match outcome.end {
        TimelinesEnd::Complete => Ok(ExitCode::SUCCESS),
        TimelinesEnd::Interrupted => Ok(ExitCode::from(EXIT_INTERRUPTED)),
        TimelinesEnd::Failed(error) => Err(error.into()),
    }
}

/// A new file for its owner only: it holds what people wrote.
fn create(file: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow::anyhow!("{} exists already", file.display()),
        _ => anyhow::Error::from(error).context(format!("cannot create {}", file.display())),
    })
}
