//! `export`: writes timelines to a file that can be checked without this program.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use incident_application::incidents::{ExportOutcome, TimelineExport, TimelineProgress, TimelinesEnd, WhichTimelines};

use super::{database, output::print};
use crate::{
    cli::Export,
    config::Layers,
    new_file::NewFile,
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
            to_file(&export, which, &file).await
        }
    })
    .await
}

/// Exports to a file that only its owner can read, because timelines contain what people wrote. There is no file unless the
/// export is complete.
async fn to_file(export: &TimelineExport, which: WhichTimelines, file: &Path) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(NewFile::begin(file)?);
    let outcome = write(export, which, &mut out).await;
    if !matches!(outcome.end, TimelinesEnd::Complete) {
        return exit_code(outcome);
    }
    out.into_inner().map_err(io::IntoInnerError::into_error).context("the export cannot be written")?.finish()?;
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
