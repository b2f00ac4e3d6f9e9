//! PostgreSQL asked directly, by `pgbench` with prepared statements: the whole row of an incident, each time another.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::{load::median, pace::Pace, stage::Stage};

/// How many threads of `pgbench` drive its connections.
const JOBS: &str = "2";

/// What is said in place of a figure.
const ABSENT: &str = "pgbench is not in PATH, nor where pg_config says";

/// One of the incidents, by its number. Not by its id, which `pgbench` cannot choose; both have an index of their own.
const SCRIPT: &str = "\\set number random(LEAST, MOST)\nSELECT * FROM incidents WHERE number = :number;\n";

pub(super) struct Direct {
    /// Nothing where it is not installed.
    pgbench: Option<PathBuf>,
    url: String,
    script: PathBuf,
    turns: Vec<f64>,
}

impl Direct {
    pub(super) async fn prepare(stage: &Stage) -> anyhow::Result<Self> {
        let pgbench = found();
        if pgbench.is_none() {
            // Without a terminal to write to there is nobody to tell; the table says it too.
            let _ = writeln!(io::stderr(), "NOT MEASURED: {ABSENT}");
        }
        let least = stage.query_number("SELECT MIN(number) FROM incidents").await?;
        let most = stage.query_number("SELECT MAX(number) FROM incidents").await?;
        let count = stage.query_number("SELECT COUNT(*) FROM incidents").await?;
        // A number that nobody has would be found missing faster than an incident is found.
        anyhow::ensure!(most - least + 1 == count, "numbers from {least} to {most} for {count} incidents");
        let script = stage.folder().join("direct.pgbench");
        fs::write(&script, SCRIPT.replace("LEAST", &least.to_string()).replace("MOST", &most.to_string()))?;
        Ok(Self { pgbench, url: stage.database_url(), script, turns: Vec::new() })
    }

    pub(super) async fn take_turn(&mut self, pace: &Pace) -> anyhow::Result<()> {
        let Some(pgbench) = &self.pgbench else { return Ok(()) };
        let mut command = Command::new(pgbench);
        command
            .args(["--no-vacuum", "--protocol=prepared", "--jobs", JOBS])
            .args(["--client", &pace.connections().to_string()])
            .args(["--time", &pace.phase().as_secs().max(1).to_string()])
            .arg("--file")
            .arg(&self.script)
            .arg(&self.url);
        let output = tokio::task::spawn_blocking(move || command.output()).await?.context("pgbench does not start")?;
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let per_second = per_second(&said).filter(|_| output.status.success());
        self.turns.push(per_second.with_context(|| format!("pgbench failed: {said}{complained}"))?);
        Ok(())
    }

    /// How many rows were selected, or why nobody knows.
    pub(super) fn per_second(&self) -> Result<f64, &'static str> {
        if self.turns.is_empty() { Err(ABSENT) } else { Ok(median(self.turns.iter().copied())) }
    }
}

fn found() -> Option<PathBuf> {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let told = || {
        let told = Command::new("pg_config").arg("--bindir").output().ok()?;
        Some(Path::new(String::from_utf8_lossy(&told.stdout).trim()).to_owned())
    };
    in_path.chain(told()).map(|folder| folder.join("pgbench")).find(|file| file.is_file())
}

fn per_second(said: &str) -> Option<f64> {
    said.lines().find_map(|line| line.strip_prefix("tps = "))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_throughput_is_read_off_what_pgbench_says() {
        let said = "latency average = 1.218 ms\ntps = 52528.915 (without initial connection time)\n";
        assert_eq!(per_second(said), Some(52528.915));
        assert_eq!(per_second("pgbench: error\n"), None);
    }
}
