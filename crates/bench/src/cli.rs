//! The command line: a subcommand for each row that is measured.
//!
//! ## To add a row
//!
//! 1. Write `rows/<row>.rs`: its `Options`, and a `run` that answers a [`Report`].
//! 2. Add it to [`Command`] and to [`Command::measure`].

use std::{
    ffi::OsString,
    fs,
    io::{self, Read, Write},
    iter::once,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::{
    bare,
    report::Report,
    rows::{
        commit, crash, database_away, durability, enumeration, events, export, get, hot_etag, hot_incident, import,
        lists, open, overload, refresh_race, revocation, same_key, scale, sign_in_flood, speed, start, stop, storm,
        throttle, timelines,
    },
    stage::StageOptions,
};

/// No run takes longer, whatever hangs.
const RUN_TIME_MAX: Duration = Duration::from_mins(45);

const AFTER_HELP: &str = "\
Each command starts servers of its own on 127.0.0.1, in processes of their own and on a new database, and takes all of
it away at the end. PostgreSQL is used with --store postgres, on the server that BENCH_POSTGRES_URL names.

Build it with --release: figures of other builds mean nothing.

Exit codes: 0 measured, whether or not the targets were reached; 1 something happened that must never happen, or the
measurement failed; 2 wrong usage.";

/// Measure how fast and how reliable the incident server is.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// All of the table of speed: the six that follow, lists and sign-in-flood, as one
    Speed(Run<speed::Options>),
    /// Commits of many callers together, next to a transaction for each
    Commit(Run<commit::Options>),
    /// What opening an incident costs, next to a server that only answers
    Open(Run<open::Options>),
    /// What reading an incident costs, next to a server that only answers, and to the database asked directly
    Get(Run<get::Options>),
    /// How many statements a list with timelines takes
    Timelines(Run<timelines::Options>),
    /// How soon a server is ready, and its memory when it is idle
    Start(Run<start::Options>),
    /// How fast an event log is imported
    Import(Run<import::Options>),
    /// What reads are worth while others sign in without a pause
    SignInFlood(Run<sign_in_flood::Options>),
    /// Whether time or answer tell which accounts exist
    Enumeration(Run<enumeration::Options>),
    /// Many refreshes of one token at once, reuse, and honest retries
    RefreshRace(Run<refresh_race::Options>),
    /// Whether quotas hold, and whether `Retry-After` is true
    Throttle(Run<throttle::Options>),
    /// How soon a second server knows that a session has ended (PostgreSQL)
    Revocation(Run<revocation::Options>),
    /// Kill the server under load, again and again: nothing acknowledged is lost, nothing is done twice
    Crash(Run<crash::Options>),
    /// Many identical requests with one key at once: one effect, equal answers
    SameKey(Run<same_key::Options>),
    /// Many writers of one incident at once: one wins by `If-Match`, and none undoes another without it
    HotEtag(Run<hot_etag::Options>),
    /// Readers who follow the event log while many write: each sees every event once, in order
    Events(Run<events::Options>),
    /// Far more connections than work: no hang, bounded memory, and normal latency afterwards
    Overload(Run<overload::Options>),
    /// Ask servers to stop under load: they finish what they were asked, refuse what is new, and end well
    Stop(Run<stop::Options>),
    /// Take the database away under load and give it back: 503 meanwhile, then the same server serves, nothing lost
    DatabaseAway(Run<database_away::Options>),
    /// Show of every write that it is flushed before it is acknowledged, with a control (SQLite: needs strace)
    Durability(Run<durability::Options>),
    /// Lists and searches among many incidents, next to the same among few
    Lists(Run<lists::Options>),
    /// How much memory an export of many incidents takes
    Export(Run<export::Options>),
    /// How costs grow with incidents, with a timeline, with connections, and with replicas (PostgreSQL)
    Scale(Run<scale::Options>),
    /// Very many openings in a short time, then more than can be done: all kept, what is too much sent away
    Storm(Run<storm::Options>),
    /// Many responders on one incident: all get through, nothing is lost or there twice
    HotIncident(Run<hot_incident::Options>),
    /// A server that only answers
    #[command(hide = true)]
    Bare(bare::Options),
    /// The server under test
    #[command(hide = true)]
    Server {
        /// What the server's own command line takes
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// What every row takes, and what one row takes.
#[derive(Debug, Args)]
struct Run<O: Args> {
    #[command(flatten)]
    stage: StageOptions,
    #[command(flatten)]
    row: O,
    /// Also write the result to this file, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Cli {
    /// Does what the command line says: measures, prints, and answers how it went.
    pub(crate) fn run() -> ExitCode {
        let command = match Self::parse().command {
            Command::Server { arguments } => return serve(arguments),
            Command::Bare(options) => return serve_barely(options),
            command => command,
        };
        match command.measure_and_tell() {
            Ok(report) if report.holds() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                // Without a terminal to write to there is nobody to tell.
                let _ = writeln!(io::stderr(), "error: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

impl Command {
    fn out(&self) -> Option<PathBuf> {
        match self {
            Self::Speed(run) => run.out.clone(),
            Self::Commit(run) => run.out.clone(),
            Self::Open(run) => run.out.clone(),
            Self::Get(run) => run.out.clone(),
            Self::Timelines(run) => run.out.clone(),
            Self::Start(run) => run.out.clone(),
            Self::Import(run) => run.out.clone(),
            Self::SignInFlood(run) => run.out.clone(),
            Self::Enumeration(run) => run.out.clone(),
            Self::RefreshRace(run) => run.out.clone(),
            Self::Throttle(run) => run.out.clone(),
            Self::Revocation(run) => run.out.clone(),
            Self::Crash(run) => run.out.clone(),
            Self::SameKey(run) => run.out.clone(),
            Self::HotEtag(run) => run.out.clone(),
            Self::Events(run) => run.out.clone(),
            Self::Overload(run) => run.out.clone(),
            Self::Stop(run) => run.out.clone(),
            Self::DatabaseAway(run) => run.out.clone(),
            Self::Durability(run) => run.out.clone(),
            Self::Lists(run) => run.out.clone(),
            Self::Export(run) => run.out.clone(),
            Self::Scale(run) => run.out.clone(),
            Self::Storm(run) => run.out.clone(),
            Self::HotIncident(run) => run.out.clone(),
            Self::Bare(_) | Self::Server { .. } => None,
        }
    }

    fn markdown(&self) -> Option<PathBuf> {
        match self {
            Self::Speed(run) => run.row.markdown.clone(),
            _ => None,
        }
    }

    async fn measure(self) -> anyhow::Result<Report> {
        match self {
            Self::Speed(run) => speed::run(&run.stage, &run.row).await,
            Self::Commit(run) => commit::run(&run.stage, &run.row).await,
            Self::Open(run) => open::run(&run.stage, &run.row).await,
            Self::Get(run) => get::run(&run.stage, &run.row).await,
            Self::Timelines(run) => timelines::run(&run.stage, &run.row).await,
            Self::Start(run) => start::run(&run.stage, &run.row).await,
            Self::Import(run) => import::run(&run.stage, &run.row).await,
            Self::SignInFlood(run) => sign_in_flood::run(&run.stage, &run.row).await,
            Self::Enumeration(run) => enumeration::run(&run.stage, &run.row).await,
            Self::RefreshRace(run) => refresh_race::run(&run.stage, &run.row).await,
            Self::Throttle(run) => throttle::run(&run.stage, &run.row).await,
            Self::Revocation(run) => revocation::run(&run.stage, &run.row).await,
            Self::Crash(run) => crash::run(&run.stage, &run.row).await,
            Self::SameKey(run) => same_key::run(&run.stage, &run.row).await,
            Self::HotEtag(run) => hot_etag::run(&run.stage, &run.row).await,
            Self::Events(run) => events::run(&run.stage, &run.row).await,
            Self::Overload(run) => overload::run(&run.stage, &run.row).await,
            Self::Stop(run) => stop::run(&run.stage, &run.row).await,
            Self::DatabaseAway(run) => database_away::run(&run.stage, &run.row).await,
            Self::Durability(run) => durability::run(&run.stage, &run.row).await,
            Self::Lists(run) => lists::run(&run.stage, &run.row).await,
            Self::Export(run) => export::run(&run.stage, &run.row).await,
            Self::Scale(run) => scale::run(&run.stage, &run.row).await,
            Self::Storm(run) => storm::run(&run.stage, &run.row).await,
            Self::HotIncident(run) => hot_incident::run(&run.stage, &run.row).await,
            Self::Bare(_) | Self::Server { .. } => anyhow::bail!("a server measures nothing"),
        }
    }

    fn measure_and_tell(self) -> anyhow::Result<Report> {
        let (out, markdown) = (self.out(), self.markdown());
        // One thread: the load generator shares the processors with what it measures.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let report = runtime.block_on(async {
            tokio::select! {
                measured = tokio::time::timeout(RUN_TIME_MAX, self.measure()) => {
                    measured.with_context(|| format!("not done within {} s", RUN_TIME_MAX.as_secs()))?
                }
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    anyhow::bail!("interrupted")
                }
            }
        })?;
        io::stdout().lock().write_all(report.as_markdown().as_bytes())?;
        if let Some(file) = out {
            write_to(&file, &format!("{:#}\n", report.as_json()))?;
        }
        if let Some(file) = markdown {
            write_to(&file, report.as_markdown().trim_start())?;
        }
        Ok(report)
    }
}

fn write_to(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Is the server, on a runtime as the shipped binary has it, until it is stopped or its parent is gone.
fn serve(arguments: Vec<OsString>) -> ExitCode {
    thread::spawn(exit_with_parent);
    let cli = incident_server::Cli::parse_from(once(OsString::from("incident-server")).chain(arguments));
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(incident_server::run(cli)),
        Err(error) => {
            // Without a log to write to there is nobody to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Is the server that only answers, on the same runtime.
fn serve_barely(options: bare::Options) -> ExitCode {
    thread::spawn(exit_with_parent);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(bare::run(options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The parent holds the other end of standard input, however it ends; it never writes to it.
fn exit_with_parent() {
    let _ = io::stdin().read(&mut [0]);
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_server_under_test_takes_the_servers_own_arguments() {
        let parsed = Cli::try_parse_from(["incident-bench", "server", "serve", "--port", "0"]).unwrap();
        let Command::Server { arguments } = parsed.command else { panic!("{parsed:?}") };
        assert_eq!(arguments, ["serve", "--port", "0"]);
    }
}
