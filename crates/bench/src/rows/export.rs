//! How much memory an export of many incidents takes: it must not grow with their number.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{MissedTickBehavior, interval},
};

use crate::{
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// How much more memory the server may have in use during an export.
pub(super) const GROWTH_MIB_MAX: f64 = 32.0;

/// How often the server's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

const READ_BYTES: usize = 64 * 1024;

/// Measures the memory of an export of many incidents
#[derive(Clone, Debug, Args)]
pub(crate) struct Export {
    /// How many incidents the database has
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=5_000_000))]
    incidents: u64,
}

/// What came of one export.
pub(super) struct Exported {
    pub(super) incidents: u64,
    bytes: u64,
    pub(super) seconds: f64,
    pub(super) growth_mib: f64,
}

impl Row for Export {
    const NAME: &'static str = "export";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        stage.command(&["seed", "--days", "365", "--incidents", &self.incidents.to_string()])?;
        let server = stage.start_server()?;
        let token = stage.admin_session(&server).await?;
        // What a server needs once, it needs without an export too.
        export(&server, &token, "csv&status=on_hold").await?;

        let mut table = Table::new(&["format", "incidents", "MiB", "s", "incidents/s", "memory growth MiB"]);
        let mut verdicts = Vec::new();
        for format in ["csv", "json"] {
            let exported = export(&server, &token, format).await?;
            #[expect(clippy::cast_precision_loss, reason = "figures for people")]
            let (mib, per_second) =
                (exported.bytes as f64 / 1_048_576.0, exported.incidents as f64 / exported.seconds.max(f64::EPSILON));
            table.push([
                Cell::text(format),
                Cell::Count(exported.incidents),
                Cell::Figure(mib, 1),
                Cell::Figure(exported.seconds, 1),
                Cell::Figure(per_second, 0),
                Cell::Figure(exported.growth_mib, 1),
            ]);
            verdicts.push(Verdict::count(format!("incidents as {format}"), self.incidents, exported.incidents));
            let (target, measured) = (format!("under {GROWTH_MIB_MAX} MiB"), format!("{:.1} MiB", exported.growth_mib));
            let is_reached = exported.growth_mib < GROWTH_MIB_MAX;
            verdicts.push(Verdict::timing(format!("memory growth, {format}"), target, measured, is_reached));
        }
        Ok(Report { command: "export", circumstances: stage.circumstances(), table, verdicts })
    }
}

/// Exports everything, and looks at the server's memory meanwhile.
pub(super) async fn export(server: &Server, token: &str, query: &str) -> anyhow::Result<Exported> {
    let mut stream = TcpStream::connect(server.address()).await?;
    // Of the rest of HTTP only the end of the connection is looked at; what stands between the chunks begins no incident.
    let request = format!(
        "GET /api/v1/incidents/export?format={query} HTTP/1.0\r\nauthorization: Bearer {token}\r\n\
         accept-encoding: identity\r\n\r\n"
    );
    let (before_kib, begun) = (server.memory_kib(), Instant::now());
    let mut most_kib = before_kib;
    stream.write_all(request.as_bytes()).await?;
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut buffer = vec![0; READ_BYTES];
    let (mut bytes, mut incidents, mut last) = (0_u64, Beginnings::of(query), Vec::new());
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let read = read.context("the export broke off")?;
                let mut part = buffer.get(..read).unwrap_or_default();
                if part.is_empty() {
                    break;
                }
                if bytes == 0 {
                    part = body_of(part)?;
                }
                bytes += part.len() as u64;
                incidents.count_in(part);
                last = part.iter().rev().take(3).rev().copied().collect();
            }
            _ = looks.tick() => most_kib = most_kib.max(server.memory_kib()),
        }
    }
    anyhow::ensure!(last.ends_with(b"\n"), "the export has no end");
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let growth_mib = most_kib.saturating_sub(before_kib) as f64 / 1024.0;
    Ok(Exported { incidents: incidents.count, bytes, seconds: begun.elapsed().as_secs_f64(), growth_mib })
}

/// Counts incidents by what each begins with, on a new line. Lines are no measure: a description may have several.
struct Beginnings {
    looked_for: &'static [u8],
    /// The end of what was looked at, in which one may have begun.
    rest: Vec<u8>,
    count: u64,
}

impl Beginnings {
    fn of(query: &str) -> Self {
        let looked_for: &[u8] = if query.starts_with("csv") { b"\nINC-" } else { b"\n{\"id\":" };
        Self { looked_for, rest: Vec::new(), count: 0 }
    }

    fn count_in(&mut self, part: &[u8]) {
        self.rest.extend_from_slice(part);
        self.count += self.rest.windows(self.looked_for.len()).filter(|bytes| *bytes == self.looked_for).count() as u64;
        let looked_at = self.rest.len().saturating_sub(self.looked_for.len() - 1);
        self.rest.drain(..looked_at);
    }
}

/// What follows the head, which comes in one piece.
fn body_of(answer: &[u8]) -> anyhow::Result<&[u8]> {
    let text = answer.escape_ascii();
    anyhow::ensure!(answer.get(9..12) == Some(b"200"), "no export: {text}");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("no head")?;
    Ok(answer.get(end + 4..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::Beginnings;

    #[test]
    fn incidents_are_counted_however_the_bytes_are_divided() {
        let table = "number,id\nINC-1,\"one\nline more\"\nINC-2,two\n";
        for length in 1..table.len() {
            let mut incidents = Beginnings::of("csv");
            table.as_bytes().chunks(length).for_each(|part| incidents.count_in(part));
            assert_eq!(incidents.count, 2, "in parts of {length}");
        }
    }
}
