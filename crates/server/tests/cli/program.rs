//! Runs the binary.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

/// The variable that names the file of coverage data.
const COVERAGE_FILE: &str = "LLVM_PROFILE_FILE";

/// Makes a command that runs the binary in a folder, with an empty environment, so that the machine does not matter.
pub(crate) fn incident_server(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_incident-server"));
    command.args(arguments).current_dir(folder).env_clear().env("BCRYPT_COST", "4");
    // Where the coverage of the binary is recorded.
    command.envs(std::env::var_os(COVERAGE_FILE).map(|file| (COVERAGE_FILE, file)));
    command
}

/// The output of a command that ended.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> CommandOutput {
    let mut command = incident_server(folder, arguments);
    let output = command.envs(environment.iter().copied()).output().expect("the binary runs");
    CommandOutput {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A server that runs until it is stopped.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The output before the server listened.
    pub(crate) greeting: String,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::start_with_log(command)
    }

    /// The same, with the standard error that the command already has. If it is a pipe, nobody reads it.
    pub(crate) fn start_with_log(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut server = Self { child, stdout, greeting: String::new(), url: String::new() };
        while server.url.is_empty() {
            let mut line = String::new();
            let read = server.stdout.read_line(&mut line).expect("text");
            assert_ne!(read, 0, "the server ended before it listened: {}", server.greeting);
            server.greeting.push_str(&line);
            server.url.push_str(line.strip_prefix("listening on ").unwrap_or_default().trim());
        }
        server
    }

    /// Returns the value of a line `name: value` of the greeting.
    pub(crate) fn greeted_with(&self, name: &str) -> Option<&str> {
        self.greeting.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        let sent = Command::new("kill").args([&signal, &self.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits until the server has stopped.
    pub(crate) fn wait(mut self) -> ExitStatus {
        // A full pipe would block the server.
        while self.stdout.read_line(&mut self.greeting).expect("text") > 0 {}
        self.child.wait().expect("an exit status")
    }

    /// Sends SIGTERM, and waits until the server has stopped.
    pub(crate) fn stop(self) -> ExitStatus {
        self.terminate();
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the server has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
