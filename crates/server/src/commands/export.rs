//! `export`: writes timelines to a file that can be checked without this program.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use incident_application::incidents::{ExportOutcome, TimelineExport, TimelineProgress, TimelinesEnd, WhichTimelines};

use super::{database, output::print};
use crate::{
    cli::Export,
    config::Layers,
    progress_bar::Bar,
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
};

/// The file name that means standard output.
const STDOUT: &str = "-";

pub(super) async fn run(layers: &Layers, command: Export) -> anyhow::Result<ExitCode> {
    let Export::Timelines { file, incident, data } = command;
    let config = database::existing(layers, data.as_deref())?;
    database::with_adapters(&config, async |adapters| {
        let export = TimelineExport::new(adapters.timeline_ports());
        let which = incident.map_or(WhichTimelines::All, WhichTimelines::Of);
        if file.as_os_str() == STDOUT {
            exit_code(write(&export, which, &mut BufWriter::new(io::stdout())).await)
        } else {
            to_file(&export, which, file).await
        }
    })
    .await
}

/// Exports to a new file, and removes the file unless the export is complete.
async fn to_file(export: &TimelineExport, which: WhichTimelines, file: PathBuf) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(create(&file)?);
    let outcome = write(export, which, &mut out).await;
    let is_complete = matches!(outcome.end, TimelinesEnd::Complete);
    let synced = if is_complete { out.get_ref().sync_all().context("the export cannot be written") } else { Ok(()) };
    if !is_complete || synced.is_err() {
        fs::remove_file(&file).with_context(|| format!("cannot remove the incomplete {}", file.display()))?;
        return synced.and(exit_code(outcome));
    }
    let ExportOutcome { incidents, entries, .. } = outcome;
    print(&format!("exported {incidents} timelines with {entries} entries to {}", file.display()))
}

/// Exports with a progress bar until it is complete or interrupted.
async fn write(export: &TimelineExport, which: WhichTimelines, out: &mut (dyn Write + Send)) -> ExportOutcome {
    let interrupt = Interrupt::listen();
    let bar = Bar::new();
    let show = |progress: TimelineProgress| bar.show(progress.done, progress.total);
    let outcome = export.run(which, out, &interrupt.stop, &show).await;
    bar.clear();
    outcome
}

fn exit_code(outcome: ExportOutcome) -> anyhow::Result<ExitCode> {
    match outcome.end {
        TimelinesEnd::Complete => Ok(ExitCode::SUCCESS),
        TimelinesEnd::Interrupted => Ok(ExitCode::from(EXIT_INTERRUPTED)),
        TimelinesEnd::Failed(error) => Err(error.into()),
    }
}

/// Creates a file that only its owner can read, because timelines contain what people wrote.
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
