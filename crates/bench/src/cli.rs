//! The command line: one subcommand per row, and hidden ones for the processes that rows start.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    iter::once,
    process::ExitCode,
    thread,
};

use anyhow::Context;
use clap::{ArgMatches, Args, Command, FromArgMatches as _, Parser as _};

use crate::{bare, rows, worker};

const AFTER_HELP: &str = "\
Each command starts its own servers on 127.0.0.1, as separate processes on a new database, and removes everything at
the end. With --store postgres, the database is created on the server that BENCH_POSTGRES_URL names.

Build with --release: figures of other builds mean nothing.

Exit codes: 0 measured, whether or not the targets were reached; 1 a guarantee was violated, or the measurement
failed; 2 wrong usage.";

/// The subcommand that runs the server under test.
const SERVER: &str = "server";

/// The subcommand that runs the server that only responds.
const BARE: &str = "bare";

#[derive(Debug, Args)]
struct ServerOptions {
    /// The server's own command line
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs the subcommand of the command line and returns the exit code.
pub(crate) fn run() -> ExitCode {
    let matches = command().get_matches();
    let result = match matches.subcommand() {
        Some((SERVER, arguments)) => run_server(arguments),
        Some((BARE, arguments)) => run_bare_server(arguments),
        Some((worker::SUBCOMMAND, arguments)) => run_worker(arguments),
        Some((name, arguments)) => run_row(name, arguments),
        None => Err(anyhow::anyhow!("a subcommand is required")),
    };
    result.unwrap_or_else(|error| {
        // If standard error is closed, the exit code still reports the failure.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

fn command() -> Command {
    Command::new(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Measures how fast and how reliable the incident server is")
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(rows::ALL.iter().map(rows::RowCommand::command))
        .subcommand(bare::Options::augment_args(Command::new(BARE)).hide(true))
        .subcommand(worker::Options::augment_args(Command::new(worker::SUBCOMMAND)).hide(true))
        .subcommand(ServerOptions::augment_args(Command::new(SERVER)).hide(true))
}

fn run_row(name: &str, arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    let row = rows::ALL.iter().find(|row| row.name == name).with_context(|| format!("no row is named {name}"))?;
    let report = row.run(arguments)?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the server on a runtime like the shipped binary's, until it stops or its parent process ends.
fn run_server(arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    thread::spawn(exit_with_parent);
    let ServerOptions { arguments } = ServerOptions::from_arg_matches(arguments)?;
    let cli = incident_server::Cli::parse_from(once(OsString::from("incident-server")).chain(arguments));
    Ok(multi_threaded_runtime()?.block_on(incident_server::run(cli)))
}

/// Runs the server that only responds, on the same kind of runtime.
fn run_bare_server(arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    thread::spawn(exit_with_parent);
    let options = bare::Options::from_arg_matches(arguments)?;
    multi_threaded_runtime()?.block_on(bare::run(options))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the worker of background jobs, on the same kind of runtime.
fn run_worker(arguments: &ArgMatches) -> anyhow::Result<ExitCode> {
    thread::spawn(exit_with_parent);
    let options = worker::Options::from_arg_matches(arguments)?;
    multi_threaded_runtime()?.block_on(worker::run(options))?;
    Ok(ExitCode::SUCCESS)
}

fn multi_threaded_runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Ends the process when its parent ends: the parent holds the other end of standard input and never writes to it.
fn exit_with_parent() {
    let _ = io::stdin().read(&mut [0]);
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn each_row_has_its_own_name_and_a_help_text() {
        let names: BTreeSet<&str> = rows::ALL.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), rows::ALL.len());
        for row in rows::ALL {
            let command = row.command();
            assert_eq!(command.get_name(), row.name);
            assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "{}", row.name);
        }
    }

    #[test]
    fn the_server_under_test_receives_its_own_arguments() {
        let matches = command().try_get_matches_from(["incident-bench", "server", "serve", "--port", "0"]).unwrap();
        let Some((SERVER, arguments)) = matches.subcommand() else { panic!("{matches:?}") };
        let ServerOptions { arguments } = ServerOptions::from_arg_matches(arguments).unwrap();
        assert_eq!(arguments, ["serve", "--port", "0"]);
    }
}
