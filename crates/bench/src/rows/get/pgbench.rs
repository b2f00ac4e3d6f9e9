//! Direct queries of PostgreSQL: `pgbench` selects the whole row of a random incident with a prepared statement.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::{load::median, phases::PhaseOptions, testbed::TestBed};

/// How many threads `pgbench` uses.
const JOBS: &str = "2";

const NOT_FOUND: &str = "pgbench is not in PATH, nor where pg_config says";

/// Selects by the number and not by the id, which `pgbench` cannot generate; both have an index.
const SCRIPT: &str = "\\set number random(LEAST, MOST)\nSELECT * FROM incidents WHERE number = :number;\n";

pub(super) struct Pgbench {
    /// `None` if it is not installed.
    program: Option<PathBuf>,
    url: String,
    script: PathBuf,
    /// The throughput of each phase.
    phases: Vec<f64>,
}

impl Pgbench {
    pub(super) async fn prepare(testbed: &TestBed) -> anyhow::Result<Self> {
        let program = find_program();
        if program.is_none() {
            // The table shows it too.
            let _ = writeln!(io::stderr(), "NOT MEASURED: {NOT_FOUND}");
        }
        let least = testbed.query_number("SELECT MIN(number) FROM incidents").await?;
        let most = testbed.query_number("SELECT MAX(number) FROM incidents").await?;
        let count = testbed.query_number("SELECT COUNT(*) FROM incidents").await?;
        // A missing number would be answered faster than an incident.
        anyhow::ensure!(most - least + 1 == count, "numbers from {least} to {most} for {count} incidents");
        let script = testbed.folder().join("direct.pgbench");
        fs::write(&script, SCRIPT.replace("LEAST", &least.to_string()).replace("MOST", &most.to_string()))?;
        Ok(Self { program, url: testbed.database_url(), script, phases: Vec::new() })
    }

    pub(super) async fn run_phase(&mut self, options: &PhaseOptions) -> anyhow::Result<()> {
        let Some(program) = &self.program else { return Ok(()) };
        let mut command = Command::new(program);
        command
            .args(["--no-vacuum", "--protocol=prepared", "--jobs", JOBS])
            .args(["--client", &options.connections().to_string()])
            .args(["--time", &options.phase().as_secs().max(1).to_string()])
            .arg("--file")
            .arg(&self.script)
            .arg(&self.url);
        let output = tokio::task::spawn_blocking(move || command.output()).await?.context("pgbench does not start")?;
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let per_second = parse_throughput(&stdout).filter(|_| output.status.success());
        self.phases.push(per_second.with_context(|| format!("pgbench failed: {stdout}{stderr}"))?);
        Ok(())
    }

    /// Returns how many rows were selected per second, or why this was not measured.
    pub(super) fn per_second(&self) -> Result<f64, &'static str> {
        if self.phases.is_empty() { Err(NOT_FOUND) } else { Ok(median(self.phases.iter().copied())) }
    }
}

fn find_program() -> Option<PathBuf> {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let of_pg_config = || {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        Some(Path::new(String::from_utf8_lossy(&output.stdout).trim()).to_owned())
    };
    in_path.chain(of_pg_config()).map(|folder| folder.join("pgbench")).find(|file| file.is_file())
}

fn parse_throughput(output: &str) -> Option<f64> {
    output.lines().find_map(|line| line.strip_prefix("tps = "))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_throughput_is_parsed_from_the_output() {
        let output = "latency average = 1.218 ms\ntps = 52528.915 (without initial connection time)\n";
        assert_eq!(parse_throughput(output), Some(52528.915));
        assert_eq!(parse_throughput("pgbench: error\n"), None);
    }
}
