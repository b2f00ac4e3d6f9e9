//! Replays a file from the command line, with progress and a report.

use std::{io::Write, process::ExitCode, time::Instant};

use anyhow::Context;
use incident_application::work::{Replay, ReplayEnd, ReplayPorts, ReplayProgress};
use incident_domain::incidents::TimelineKey;

use super::{import_file::ImportFile, report};
use crate::{
    progress_bar::Bar,
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
};

/// Replays a file with a progress bar, and prints a report to standard output. Ctrl-C stops after the current batch.
pub async fn replay(file: ImportFile, ports: ReplayPorts, key: TimelineKey) -> anyhow::Result<ExitCode> {
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
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write the report")?;
    match outcome.end {
        ReplayEnd::Complete => Ok(ExitCode::SUCCESS),
        ReplayEnd::Interrupted => Ok(ExitCode::from(EXIT_INTERRUPTED)),
        ReplayEnd::Failed(error) => Err(error)
            .context("the import failed; what is reported as imported is stored, and the same command continues"),
    }
}
