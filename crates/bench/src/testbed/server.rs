//! The server under test: this same binary in its own process, configured like the shipped server.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::{
    param::clock_ticks_per_second,
    process::{Pid, Signal, kill_process},
};

use crate::{units, worker};

/// How long a server may take until it listens.
const START_TIME_MAX: Duration = Duration::from_secs(30);

const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The first line that a server prints, followed by its address.
const LISTENING: &str = "listening on http://";

/// A running server, killed on drop.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    first_line: mpsc::Receiver<String>,
    log: PathBuf,
    /// The server ends itself when the other end of its standard input closes, however its parent ended.
    stdin: Option<ChildStdin>,
}

impl Server {
    /// Starts the server that does nothing but respond: see [`crate::bare`].
    pub(super) fn start_bare(folder: &Path, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let mut command = in_folder(Command::new(std::env::current_exe()?), folder);
        command.arg("bare").args(arguments);
        Self::spawn(command, folder)?.announced()
    }

    /// Starts a server without waiting until it listens. `under` is a program that runs the server, with its arguments,
    /// or empty.
    pub(super) fn launch(folder: &Path, settings: &BTreeMap<String, String>, under: &[&str]) -> anyhow::Result<Self> {
        let mut command = server_command(folder, settings, under)?;
        command.arg("serve");
        Self::spawn(command, folder)
    }

    /// Waits until the server listens, and prints its process id, for profilers.
    pub(super) fn announced(self) -> anyhow::Result<Self> {
        let server = self.listening()?;
        let _ = writeln!(io::stderr(), "server {} listens on {}", server.child.id(), server.address);
        Ok(server)
    }

    fn spawn(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join("server.log");
        let log_writer = File::options().create(true).append(true).open(&log).context("cannot write a log")?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log_writer);
        let mut child = command.spawn().context("the server does not start")?;
        let stdin = child.stdin.take();
        let (sender, first_line) = mpsc::channel();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let unknown = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Self { child, address: unknown, first_line, log, stdin };
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            // The receiver may have stopped waiting.
            let _ = stdout.read_line(&mut line).map(|_| sender.send(line));
            // A full pipe would block the server.
            let _ = io::copy(&mut stdout, &mut io::sink());
        });
        Ok(server)
    }

    /// Waits until the server listens.
    pub(super) fn listening(mut self) -> anyhow::Result<Self> {
        let line = self.first_line.recv_timeout(START_TIME_MAX).unwrap_or_default();
        let address = line.trim().strip_prefix(LISTENING).and_then(|address| address.parse().ok());
        self.address = address.with_context(|| {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            format!("the server does not listen: {line}{log}")
        })?;
        Ok(self)
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills the server with SIGKILL and waits until the process has ended.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("the server cannot be killed")?;
        self.child.wait().context("the killed server does not end")?;
        Ok(())
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("the server cannot be sent SIGTERM")
    }

    /// Waits until the server has ended by itself; `None` if it takes longer.
    pub(crate) async fn wait(&mut self, time_max: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let until = Instant::now() + time_max;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            tokio::time::sleep(EXIT_POLL_INTERVAL).await;
        }
    }

    pub(crate) fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Closes the server's standard input, at which it ends together with the program that runs it.
    pub(crate) async fn close(mut self, time_max: Duration) -> anyhow::Result<()> {
        self.stdin = None;
        self.wait(time_max).await?.context("the server does not end")?;
        Ok(())
    }

    /// Returns the resident memory.
    pub(crate) fn memory_mib(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(units::figure(kib.with_context(|| format!("no VmRSS in {status}"))?) / 1024.0)
    }

    /// Returns the processor time of all threads since the start, in steps of the system's clock ticks.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let ticks = ticks(&stat).with_context(|| format!("not in the format of proc(5): {stat}"))?;
        Ok(Duration::from_secs_f64(units::figure(ticks) / units::figure(clock_ticks_per_second())))
    }

    /// Returns what the server has logged so far.
    pub(crate) fn logged(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.log).context("no log")
    }
}

/// Returns the sum of `utime` and `stime`, fields 14 and 15; field 2, a name in parentheses, may contain spaces.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command of the server to its end and returns its output.
pub(super) fn run_to_end(
    folder: &Path,
    settings: &BTreeMap<String, String>,
    arguments: &[&str],
) -> anyhow::Result<String> {
    let mut command = server_command(folder, settings, &[])?;
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the server's command does not start")?;
    // Stays open until the command has ended.
    let stdin = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(stdin);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{} failed: {stdout}{stderr}", arguments.join(" "));
    Ok(stdout)
}

/// Returns the server's command with no other environment than its settings, so that the machine's has no influence.
fn server_command(folder: &Path, settings: &BTreeMap<String, String>, under: &[&str]) -> anyhow::Result<Command> {
    let itself = std::env::current_exe()?;
    let command = match under {
        [] => Command::new(itself),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(itself);
            command
        }
    };
    let mut command = in_folder(command, folder);
    command.arg("server").envs(settings);
    Ok(command)
}

/// Returns the command of a worker, with the same environment as the server.
pub(super) fn worker_command(folder: &Path, settings: &BTreeMap<String, String>) -> anyhow::Result<Command> {
    let mut command = in_folder(Command::new(std::env::current_exe()?), folder);
    command.arg(worker::SUBCOMMAND).envs(settings);
    Ok(command)
}

fn in_folder(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).env_clear();
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_after_any_process_name() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 24 0 0 0 30 12 5 5 20 0 1 0 100 1 2 3";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (a) S 1"), None);
    }
}
