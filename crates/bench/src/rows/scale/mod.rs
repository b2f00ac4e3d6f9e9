//! How the cost of a request grows with the number of incidents, timeline entries, connections and replicas.

mod connections;
mod incidents;
mod replicas;
mod timeline;

use clap::{Args, ValueEnum};

use super::{Row, export::MEMORY_GROWTH};
use crate::{
    load::Latencies,
    report::{Cell, Circumstances, Report, Table, cells},
    testbed::{StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// The median at the largest size, to that at the smallest, of what must not grow.
const SLOWDOWN: Target = Target::AtMost(1.5, Unit::Times);

/// Measures how costs grow with incidents, timelines, connections and replicas (PostgreSQL)
#[derive(Clone, Debug, Args)]
pub(crate) struct Scale {
    /// What grows
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',',
        default_values_t = [Part::Incidents, Part::Timeline, Part::Connections, Part::Replicas])]
    only: Vec<Part>,
    /// The most incidents, from 1,000 on in steps of ten times as many
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    incidents_max: u64,
    /// The most entries of one timeline, from 1 on in steps of ten times as many
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(10..=100_000))]
    timeline_max: u64,
    /// The most connections, from 1 on in steps of four times as many
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u64).range(4..=256))]
    connections_max: u64,
    /// The most replicas, from 1 on (PostgreSQL)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=4))]
    replicas_max: u64,
    /// Number of requests of a single client for each figure
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    requests: u32,
    /// Milliseconds of load for each number of connections and replicas
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    window_ms: u64,
}

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The incidents of a database
    Incidents,
    /// The entries of one timeline
    Timeline,
    /// The connections that send without a pause
    Connections,
    /// The servers on one database
    Replicas,
}

/// Whether a cost may grow with the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    /// It is judged by [`SLOWDOWN`].
    Bounded,
    /// It is only reported.
    Allowed,
}

/// The cost of some work at one size.
#[derive(Clone, Debug)]
struct Figure {
    part: Part,
    size: u64,
    what: &'static str,
    growth: Growth,
    per_second: Option<f64>,
    p50_ms: f64,
    p99_ms: f64,
    /// The growth of the server's memory, where it is measured.
    memory_mib: Option<f64>,
}

/// The figures of one part, and the test bed they were measured on.
type Measured = anyhow::Result<(Vec<Figure>, TestBed)>;

impl Row for Scale {
    const NAME: &'static str = "scale";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let (mut figures, mut circumstances) = (Vec::new(), Circumstances::default());
        for part in &self.only {
            let (measured, testbed) = match part {
                Part::Incidents => incidents::measure(options, self).await?,
                Part::Timeline => timeline::measure(options, self).await?,
                Part::Connections => connections::measure(options, self).await?,
                // A SQLite file belongs to one server.
                Part::Replicas if options.store == StoreKind::Sqlite => continue,
                Part::Replicas => replicas::measure(options, self).await?,
            };
            figures.extend(measured);
            circumstances = testbed.circumstances();
        }
        let circumstances = circumstances
            .with("requests of a single client for each figure", self.requests)
            .with("window of each number of connections and replicas, ms", self.window_ms);
        Ok(Report { circumstances, table: table(&figures), verdicts: verdicts(&figures) })
    }
}

impl Part {
    const fn unit(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Timeline => "entries",
            Self::Connections => "connections",
            Self::Replicas => "replicas",
        }
    }
}

impl Figure {
    fn of(part: Part, size: u64, what: &'static str, growth: Growth, latencies: &Latencies) -> Self {
        let (p50_ms, p99_ms) = (latencies.p50_ms(), latencies.p99_ms());
        Self { part, size, what, growth, per_second: None, p50_ms, p99_ms, memory_mib: None }
    }

    /// Returns the ratio of its median to that at another size.
    fn slowdown(&self, other: &Self) -> f64 {
        units::ratio(self.p50_ms, other.p50_ms)
    }

    fn is_same_work(&self, other: &Self) -> bool {
        (self.part, self.what) == (other.part, other.what)
    }
}

/// Returns the sizes from the first to the last, each a multiple of the one before, except perhaps the last.
fn sizes(first: u64, last: u64, factor: u64) -> Vec<u64> {
    let below = std::iter::successors(Some(first), |size| size.checked_mul(factor)).take_while(|size| *size < last);
    below.chain([last]).collect()
}

fn table(figures: &[Figure]) -> Table {
    let mut table =
        Table::new(&["what", "of", "size", "responses/s", "p50 ms", "p99 ms", "p50 to the first", "memory growth MiB"]);
    for figure in figures {
        let first = figures.iter().find(|other| other.is_same_work(figure)).unwrap_or(figure);
        table.push(cells![
            figure.what,
            figure.part.unit(),
            figure.size,
            figure.per_second.map(|per_second| Cell::Figure(per_second, 0)),
            Cell::Figure(figure.p50_ms, 2),
            Cell::Figure(figure.p99_ms, 2),
            Cell::Figure(figure.slowdown(first), 2),
            figure.memory_mib.map(|memory_mib| Cell::Figure(memory_mib, 1))
        ]);
    }
    table
}

/// Judges what must not grow, at the largest size next to the smallest, and all growth of memory.
fn verdicts(figures: &[Figure]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (index, first) in figures.iter().enumerate() {
        let is_first = !figures.iter().take(index).any(|other| other.is_same_work(first));
        let last = figures.iter().rev().find(|other| other.is_same_work(first)).unwrap_or(first);
        if is_first && first.growth == Growth::Bounded && last.size > first.size {
            let what = format!("{}: {} {} to {}", first.what, last.size, first.part.unit(), first.size);
            verdicts.push(Verdict::timing(what, SLOWDOWN, last.slowdown(first)));
        }
    }
    for figure in figures {
        let Some(memory_mib) = figure.memory_mib else { continue };
        let what = format!("{}: memory at {} {}", figure.what, figure.size, figure.part.unit());
        verdicts.push(Verdict::timing(what, MEMORY_GROWTH, memory_mib));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(figures: &[Figure]) -> Vec<(String, String, bool)> {
        verdicts(figures).into_iter().map(|it| (it.what, it.measured, it.is_reached)).collect()
    }

    #[test]
    fn sizes_are_multiples_up_to_the_last() {
        assert_eq!(sizes(1_000, 1_000_000, 10), [1_000, 10_000, 100_000, 1_000_000]);
        assert_eq!(sizes(1_000, 2_000, 10), [1_000, 2_000]);
        assert_eq!(sizes(1_000, 1_000, 10), [1_000]);
        assert_eq!(sizes(1, 256, 4), [1, 4, 16, 64, 256]);
    }

    #[test]
    fn bounded_growth_is_judged_from_the_smallest_to_the_largest() {
        let figure = |size, what, growth, p50_ms| {
            let (part, per_second, p99_ms) = (Part::Incidents, None, 9.0);
            Figure { part, size, what, growth, per_second, p50_ms, p99_ms, memory_mib: None }
        };
        let figures = [
            figure(1_000, "get", Growth::Bounded, 1.0),
            figure(1_000, "list", Growth::Bounded, 1.0),
            figure(1_000, "search", Growth::Allowed, 1.0),
            figure(10_000, "get", Growth::Bounded, 9.0),
            figure(10_000, "list", Growth::Bounded, 1.0),
            figure(100_000, "get", Growth::Bounded, 1.4),
            figure(100_000, "list", Growth::Bounded, 1.6),
            figure(100_000, "search", Growth::Allowed, 5.0),
        ];
        let expected = [
            ("get: 100000 incidents to 1000".to_owned(), "1.40×".to_owned(), true),
            ("list: 100000 incidents to 1000".to_owned(), "1.60×".to_owned(), false),
        ];
        assert_eq!(judged(&figures), expected);
    }

    #[test]
    fn memory_is_judged_where_it_was_measured() {
        let figure = |size, memory_mib| {
            let mut figure = Figure::of(Part::Incidents, size, "export", Growth::Allowed, &Latencies::default());
            figure.memory_mib = memory_mib;
            figure
        };
        let figures = [figure(1_000, Some(1.0)), figure(10_000, Some(33.0)), figure(100_000, None)];
        let expected = [
            ("export: memory at 1000 incidents".to_owned(), "1.0 MiB".to_owned(), true),
            ("export: memory at 10000 incidents".to_owned(), "33.0 MiB".to_owned(), false),
        ];
        assert_eq!(judged(&figures), expected);
    }
}
