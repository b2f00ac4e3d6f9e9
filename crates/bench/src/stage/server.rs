//! The server under test: this same binary in a process of its own, as the shipped server.

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

/// How long a server may take until it listens.
const START_TIME_MAX: Duration = Duration::from_secs(30);

/// How often is looked whether a server has ended.
const END_LOOKED_FOR_EVERY: Duration = Duration::from_millis(5);

/// What the server says first.
const GREETING: &str = "listening on http://";

/// A running server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    greeting: mpsc::Receiver<String>,
    log: PathBuf,
    /// A server whose parent is gone, however that came, reads the end of this and goes too.
    lifeline: Option<ChildStdin>,
}

impl Server {
    /// Starts one, and waits until it listens. `under` is a program that runs it, with its arguments, or nothing.
    pub(super) fn start(folder: &Path, settings: &BTreeMap<String, String>, under: &[&str]) -> anyhow::Result<Self> {
        Self::launch(folder, settings, under)?.introduced()
    }

    /// Starts one that does as little as a server can, for comparison: see [`crate::bare`].
    pub(super) fn start_bare(folder: &Path, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let mut command = in_folder(Command::new(std::env::current_exe()?), folder);
        command.arg("bare").args(arguments);
        Self::run(command, folder)?.introduced()
    }

    /// Starts one, and waits for nothing.
    pub(super) fn launch(folder: &Path, settings: &BTreeMap<String, String>, under: &[&str]) -> anyhow::Result<Self> {
        let mut command = server_command(folder, settings, under)?;
        command.arg("serve");
        Self::run(command, folder)
    }

    /// Waits until it listens, and says so.
    fn introduced(mut self) -> anyhow::Result<Self> {
        self.wait_until_it_listens()?;
        // For whoever wants to look at it with a profiler; without a terminal nobody does.
        let _ = writeln!(io::stderr(), "server {} listens on {}", self.child.id(), self.address);
        Ok(self)
    }

    fn run(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = log_file(folder);
        let log_writer = File::options().create(true).append(true).open(&log).context("cannot write a log")?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log_writer);
        let mut child = command.spawn().context("the server does not start")?;
        let lifeline = child.stdin.take();
        let (tell, greeting) = mpsc::channel();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let unreachable = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Self { child, address: unreachable, greeting, log, lifeline };
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            // Nobody waits any more when it took too long; and a pipe that nobody empties would hold the server up.
            let _ = stdout.read_line(&mut line).map(|_| tell.send(line));
            let _ = io::copy(&mut stdout, &mut io::sink());
        });
        Ok(server)
    }

    pub(super) fn wait_until_it_listens(&mut self) -> anyhow::Result<()> {
        let line = self.greeting.recv_timeout(START_TIME_MAX).unwrap_or_default();
        let address = line.trim().strip_prefix(GREETING).and_then(|address| address.parse().ok());
        self.address = address.with_context(|| {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            format!("the server does not listen: {line}{said}")
        })?;
        Ok(())
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it on the spot, as a power cut would, and waits until it is gone.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("the server cannot be killed")?;
        self.child.wait().context("the server does not go")?;
        Ok(())
    }

    /// Asks it to stop: SIGTERM.
    pub(crate) fn ask_to_stop(&self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("the server cannot be asked to stop")
    }

    /// Waits until it has ended by itself; `None` when it takes longer.
    pub(crate) async fn ended(&mut self, within: Duration) -> anyhow::Result<Option<ExitStatus>> {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            tokio::time::sleep(END_LOOKED_FOR_EVERY).await;
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Lets it go by itself with whatever runs it, and waits for that.
    pub(crate) async fn let_go(mut self, within: Duration) -> anyhow::Result<()> {
        self.lifeline = None;
        self.ended(within).await?.context("the server does not go")?;
        Ok(())
    }

    /// How much memory of it is in use (RSS), in KiB; 0 where the system does not tell.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }

    /// How much processor time it has taken since it was started, on all its threads; the system counts it in
    /// hundredths of a second.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let ticks = ticks(&stat).with_context(|| format!("not what proc(5) says: {stat}"))?;
        #[expect(clippy::cast_precision_loss, reason = "no run takes so long")]
        Ok(Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64))
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.log).context("no log")
    }
}

/// `utime` and `stime`, the 14th and 15th field; the second, a name in parentheses, may have spaces.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command of the server that ends by itself, and answers what it said.
pub(super) fn run_to_end(
    folder: &Path,
    settings: &BTreeMap<String, String>,
    arguments: &[&str],
) -> anyhow::Result<String> {
    let mut command = server_command(folder, settings, &[])?;
    // An end that stays open until the command has ended.
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the server's command does not start")?;
    let lifeline = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(lifeline);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{} failed: {said}{complained}", arguments.join(" "));
    Ok(said)
}

/// The server in an empty environment and in the stage's folder, so that nothing of the machine's shows.
fn server_command(folder: &Path, settings: &BTreeMap<String, String>, under: &[&str]) -> anyhow::Result<Command> {
    let itself = std::env::current_exe()?;
    let mut command = match under {
        [] => Command::new(itself),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(itself);
            command
        }
    };
    command = in_folder(command, folder);
    command.arg("server").envs(settings);
    Ok(command)
}

fn in_folder(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).env_clear();
    command
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_are_found_behind_whatever_name() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 24 0 0 0 30 12 5 5 20 0 1 0 100 1 2 3";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (a) S 1"), None);
    }
}
