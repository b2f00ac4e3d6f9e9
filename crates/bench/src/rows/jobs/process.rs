//! A worker process, from outside.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdin, Stdio},
    thread,
    time::Duration,
};

use anyhow::Context;
use clap::ValueEnum;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    testbed::TestBed,
    worker::{DONE, PAUSED, Pause, REFUSED},
};

/// How long a worker may do nothing that is seen.
const SILENCE_MAX: Duration = Duration::from_mins(2);

/// A running worker, killed on drop.
pub(super) struct WorkerProcess {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    /// The worker ends itself when the other end of its standard input closes.
    _stdin: Option<ChildStdin>,
}

/// What a worker reports at its end.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) completed: u64,
    /// The jobs of attempts whose end the store refused, because the job had another worker or was completed.
    pub(super) refused: BTreeSet<String>,
}

/// How a worker runs.
pub(super) struct WorkerOptions<'a> {
    pub(super) effects: Option<&'a Path>,
    pub(super) pause: Option<Pause>,
    pub(super) lease: Duration,
    pub(super) running_max: u32,
}

impl WorkerProcess {
    pub(super) fn start(testbed: &TestBed, options: &WorkerOptions<'_>) -> anyhow::Result<Self> {
        let mut command = testbed.worker_command()?;
        command.args(["--lease-ms", &options.lease.as_millis().to_string()]);
        command.args(["--running-max", &options.running_max.to_string()]);
        if let Some(pause) = options.pause.and_then(|pause| pause.to_possible_value()) {
            command.args(["--pause", pause.get_name()]);
        }
        if let Some(effects) = options.effects {
            command.arg("--effects").arg(effects);
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("the worker does not start")?;
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().context("the worker has no standard output")?);
        let (sender, lines) = mpsc::unbounded_channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Ok(Self { child, lines, _stdin: stdin })
    }

    /// Waits until so many attempts have paused.
    pub(super) async fn paused(&mut self, attempts: u32) -> anyhow::Result<()> {
        for _ in 0..attempts {
            let line = self.line().await?.context("the worker ended before its attempts paused")?;
            anyhow::ensure!(line.starts_with(PAUSED), "{line}");
        }
        Ok(())
    }

    /// Waits until the worker has ended by itself.
    pub(super) async fn finish(mut self) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut is_done = false;
        while let Some(line) = self.line().await? {
            match line.split_once(' ') {
                Some((REFUSED, job)) => {
                    outcome.refused.insert(job.to_owned());
                }
                Some((DONE, completed)) => (is_done, outcome.completed) = (true, completed.parse()?),
                _ => {}
            }
        }
        let status = self.child.wait()?;
        anyhow::ensure!(is_done && status.success(), "the worker failed: {status}");
        Ok(outcome)
    }

    /// Kills the worker with SIGKILL and waits until it has ended.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("the worker cannot be killed")?;
        self.child.wait()?;
        Ok(())
    }

    /// Stops all threads of the worker with SIGSTOP.
    pub(super) fn stop(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Resumes the worker with SIGCONT.
    pub(super) fn resume(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), signal).context("the worker cannot be signalled")
    }

    async fn line(&mut self) -> anyhow::Result<Option<String>> {
        timeout(SILENCE_MAX, self.lines.recv()).await.context("the worker does nothing")
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
