//! The server under test: this same binary in a process of its own, as the shipped server.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::Context;

/// How long a server may take until it listens.
const START_TIME_MAX: Duration = Duration::from_secs(30);

/// What the server says first.
const GREETING: &str = "listening on http://";

/// A running server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// A server whose parent is gone, however that came, reads the end of this and goes too.
    _lifeline: Option<ChildStdin>,
}

impl Server {
    pub(super) fn start(folder: &Path, settings: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let log = log_file(folder);
        let log_writer = File::options().create(true).append(true).open(&log).context("cannot write a log")?;
        let mut command = server_command(folder, settings)?;
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log_writer);
        let mut child = command.spawn().context("the server does not start")?;
        let lifeline = child.stdin.take();
        let (tell, told) = mpsc::channel();
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let unreachable = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { child, address: unreachable, _lifeline: lifeline };
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            // Nobody waits any more when it took too long; and a pipe that nobody empties would hold the server up.
            let _ = stdout.read_line(&mut line).map(|_| tell.send(line));
            let _ = io::copy(&mut stdout, &mut io::sink());
        });
        let line = told.recv_timeout(START_TIME_MAX).unwrap_or_default();
        let address = line.trim().strip_prefix(GREETING).and_then(|address| address.parse().ok());
        server.address = address.with_context(|| {
            let said = fs::read_to_string(&log).unwrap_or_default();
            format!("the server does not listen: {line}{said}")
        })?;
        // For whoever wants to look at it with a profiler; without a terminal nobody does.
        let _ = writeln!(io::stderr(), "server {} listens on {}", server.child.id(), server.address);
        Ok(server)
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
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
    let mut command = server_command(folder, settings)?;
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
fn server_command(folder: &Path, settings: &BTreeMap<String, String>) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("server").current_dir(folder).env_clear().envs(settings);
    Ok(command)
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("server.log")
}
