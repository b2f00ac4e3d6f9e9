//! Replays a file from the command line, with progress and a report.

use std::{io::Write, time::Instant};

use anyhow::Context;
use incident_application::work::{Replay, ReplayEnd, ReplayPorts, ReplayProgress};
use incident_domain::incidents::TimelineKey;

use super::{import_file::ImportFile, report};
use crate::{progress_bar::Bar, stop_signals::Interrupt};

/// How much of a file was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportEnd {
    /// Every row is imported, now or before.
    All,
    /// Rows were skipped, the others are imported.
    Some,
    /// Not a single row could be used.
    Nothing,
    /// Ctrl-C stopped the import.
    Interrupted,
}

/// Replays a file with a progress bar, and prints a report to standard output. Ctrl-C stops after the current batch.
pub async fn replay(file: ImportFile, ports: ReplayPorts, key: TimelineKey) -> anyhow::Result<ImportEnd> {
    let interrupt = Interrupt::listen();
    let bar = Bar::new();
    let show = |progress: ReplayProgress| bar.show(progress.done as u64, progress.total as u64);
    let started = Instant::now();
    let outcome = Replay::new(ports, key).run(&file.log, &interrupt.stop, &show).await;
    let elapsed = started.elapsed();
    bar.clear();
    drop(interrupt);

    let mut text = String::new();
    report::write(&mut text, &file, &outcome, elapsed).context("cannot write the report")?;
    print(&text)?;
    match outcome.end {
        ReplayEnd::Complete if file.skipped.is_empty() => Ok(ImportEnd::All),
        ReplayEnd::Complete => Ok(ImportEnd::Some),
        ReplayEnd::Interrupted => Ok(ImportEnd::Interrupted),
        ReplayEnd::Failed(error) => Err(error)
            .context("the import failed; what is reported as imported is stored, and the same command continues"),
    }
}

/// Prints the report of a file of which no row can be used; needs no store.
pub fn report_nothing_imported(file: &ImportFile) -> anyhow::Result<ImportEnd> {
    let mut text = String::new();
    report::write_nothing_imported(&mut text, file).context("cannot write the report")?;
    print(&text)?;
    Ok(ImportEnd::Nothing)
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write the report")
}
