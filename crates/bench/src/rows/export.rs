//! The memory that an export of many incidents takes, which must not grow with their number.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{MissedTickBehavior, interval},
};

use super::Row;
use crate::{
    report::{Cell, Report, Table, cells},
    testbed::{Server, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// How much more memory the server may use during an export.
pub(super) const MEMORY_GROWTH: Target = Target::AtMost(32.0, Unit::Mebibytes);

const MEMORY_POLL_INTERVAL: Duration = Duration::from_millis(20);

const READ_BYTES: usize = 64 * 1024;

/// Measures the memory of an export of many incidents
#[derive(Clone, Debug, Args)]
pub(crate) struct Export {
    /// Number of incidents in the database
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=5_000_000))]
    incidents: u64,
}

/// The figures of one export.
pub(super) struct Exported {
    pub(super) incidents: u64,
    bytes: u64,
    pub(super) took: Duration,
    pub(super) growth_mib: f64,
}

impl Row for Export {
    const NAME: &'static str = "export";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        testbed.seed_a_year(self.incidents).await?;
        let server = testbed.start_server()?;
        let token = testbed.admin_session(server.address()).await?;

        let mut table = Table::new(&["format", "incidents", "MiB", "s", "incidents/s", "memory growth MiB"]);
        let mut verdicts = Vec::new();
        for format in ["csv", "json"] {
            let exported = warm_export(&server, &token, format).await?;
            table.push(cells![
                format,
                exported.incidents,
                Cell::Figure(units::figure(exported.bytes) / 1_048_576.0, 1),
                Cell::Figure(exported.took.as_secs_f64(), 1),
                Cell::Figure(units::per_second(exported.incidents, exported.took), 0),
                Cell::Figure(exported.growth_mib, 1)
            ]);
            verdicts.push(Verdict::exactly(format!("incidents as {format}"), self.incidents, exported.incidents));
            verdicts.push(Verdict::timing(format!("memory growth, {format}"), MEMORY_GROWTH, exported.growth_mib));
        }
        Ok(Report { circumstances: testbed.circumstances(), table, verdicts })
    }
}

/// Exports all incidents and watches the server's memory. A small export comes first, for the memory that a server
/// allocates once.
pub(super) async fn warm_export(server: &Server, token: &str, format: &str) -> anyhow::Result<Exported> {
    export(server, token, "csv&status=on_hold").await?;
    export(server, token, format).await
}

async fn export(server: &Server, token: &str, query: &str) -> anyhow::Result<Exported> {
    let mut stream = TcpStream::connect(server.address()).await?;
    // The body ends with the connection. Its chunks need not be decoded, because no incident begins between them.
    let request = format!(
        "GET /api/v1/incidents/export?format={query} HTTP/1.0\r\nauthorization: Bearer {token}\r\n\
         accept-encoding: identity\r\n\r\n"
    );
    let (before_mib, started) = (server.memory_mib()?, Instant::now());
    let mut highest_mib = before_mib;
    stream.write_all(request.as_bytes()).await?;
    let mut polls = interval(MEMORY_POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut buffer = vec![0; READ_BYTES];
    let (mut bytes, mut incidents, mut last_byte) = (0_u64, IncidentCounter::of(query), None);
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let read = read.context("the connection broke during the export")?;
                let mut part = buffer.get(..read).unwrap_or_default();
                if part.is_empty() {
                    break;
                }
                if bytes == 0 {
                    part = body_of(part)?;
                }
                bytes += part.len() as u64;
                incidents.add(part);
                last_byte = part.last().copied();
            }
            _ = polls.tick() => highest_mib = highest_mib.max(server.memory_mib()?),
        }
    }
    anyhow::ensure!(last_byte == Some(b'\n'), "the export is incomplete");
    let growth_mib = highest_mib - before_mib;
    Ok(Exported { incidents: incidents.count, bytes, took: started.elapsed(), growth_mib })
}

/// Counts incidents by their beginning on a new line. Lines cannot be counted, because a description may have several.
struct IncidentCounter {
    beginning: &'static [u8],
    /// The last bytes, in which a beginning may have started.
    rest: Vec<u8>,
    count: u64,
}

impl IncidentCounter {
    fn of(query: &str) -> Self {
        let beginning: &[u8] = if query.starts_with("csv") { b"\nINC-" } else { b"\n{\"id\":" };
        Self { beginning, rest: Vec::new(), count: 0 }
    }

    fn add(&mut self, part: &[u8]) {
        self.rest.extend_from_slice(part);
        self.count += self.rest.windows(self.beginning.len()).filter(|bytes| *bytes == self.beginning).count() as u64;
        let counted = self.rest.len().saturating_sub(self.beginning.len() - 1);
        self.rest.drain(..counted);
    }
}

/// Returns what follows the head, which arrives in one part.
fn body_of(response: &[u8]) -> anyhow::Result<&[u8]> {
    let text = response.escape_ascii();
    anyhow::ensure!(response.get(9..12) == Some(b"200"), "no export: {text}");
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("no head")?;
    Ok(response.get(end + 4..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::IncidentCounter;

    #[test]
    fn incidents_are_counted_however_the_bytes_are_divided() {
        let table = "number,id\nINC-1,\"one\nline more\"\nINC-2,two\n";
        for length in 1..table.len() {
            let mut incidents = IncidentCounter::of("csv");
            table.as_bytes().chunks(length).for_each(|part| incidents.add(part));
            assert_eq!(incidents.count, 2, "in parts of {length}");
        }
    }
}
