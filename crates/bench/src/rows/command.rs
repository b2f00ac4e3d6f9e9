//! A row as a subcommand: its arguments, its time limit, and where its report goes.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use clap::{ArgMatches, Args, Command, FromArgMatches as _};

use super::Row;
use crate::{report::Report, testbed::TestBedOptions};

/// The longest time that any row may run.
const RUN_TIME_MAX: Duration = Duration::from_mins(45);

/// The arguments of every row.
#[derive(Debug, Args)]
struct CommonOptions {
    #[command(flatten)]
    testbed: TestBedOptions,
    /// Also writes the result to this file, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A row without its type.
pub(crate) struct RowCommand {
    pub(crate) name: &'static str,
    command: fn() -> Command,
    run: fn(&ArgMatches) -> anyhow::Result<Report>,
}

impl RowCommand {
    pub(super) const fn of<R: Row>() -> Self {
        Self { name: R::NAME, command: command::<R>, run: run::<R> }
    }

    /// Returns the subcommand with its help text and arguments.
    pub(crate) fn command(&self) -> Command {
        (self.command)()
    }

    /// Measures the row, prints its report and writes the files that were asked for.
    pub(crate) fn run(&self, arguments: &ArgMatches) -> anyhow::Result<Report> {
        (self.run)(arguments)
    }
}

fn command<R: Row>() -> Command {
    // The help text is the row's own doc comment, not that of the arguments that all rows share.
    R::augment_args(CommonOptions::augment_args(Command::new(R::NAME)).about(None))
}

fn run<R: Row>(arguments: &ArgMatches) -> anyhow::Result<Report> {
    let (common, row) = (CommonOptions::from_arg_matches(arguments)?, R::from_arg_matches(arguments)?);
    // One thread, since the load generator shares the processors with the server under test.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        tokio::select! {
            measured = tokio::time::timeout(RUN_TIME_MAX, row.run(&common.testbed)) => {
                measured.with_context(|| format!("not finished within {} s", RUN_TIME_MAX.as_secs()))?
            }
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                anyhow::bail!("interrupted")
            }
        }
    })?;
    io::stdout().lock().write_all(report.to_markdown(R::NAME).as_bytes())?;
    if let Some(file) = common.out {
        write(&file, &format!("{:#}\n", report.to_json(R::NAME)))?;
    }
    if let Some(file) = row.markdown() {
        write(file, report.to_markdown(R::NAME).trim_start())?;
    }
    Ok(report)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
