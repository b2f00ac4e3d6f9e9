//! How what a request costs grows with what there is: incidents, entries of a timeline, connections, replicas.

mod connections;
mod incidents;
mod replicas;
mod timeline;

use clap::{Args, ValueEnum};

use super::export::GROWTH_MIB_MAX;
use crate::{
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{StageOptions, StoreKind},
};

/// How much slower what must not grow may be at the largest size than at the smallest.
const SLOWER_MAX: f64 = 1.5;

/// Measures how costs grow with incidents, timelines, connections and replicas (PostgreSQL)
#[derive(Clone, Debug, Args)]
pub(crate) struct Scale {
    /// What is to grow
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',',
        default_values_t = [Part::Incidents, Part::Timeline, Part::Connections, Part::Replicas])]
    only: Vec<Part>,
    /// Up to how many incidents, from 1,000 on, ten times as many each time
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    incidents_max: u64,
    /// Up to how many entries of one timeline, from 1 on, ten times as many each time
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(10..=100_000))]
    timeline_max: u64,
    /// Up to how many connections, from 1 on, four times as many each time
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u64).range(4..=256))]
    connections_max: u64,
    /// Up to how many replicas, from 1 on (PostgreSQL)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=4))]
    replicas_max: u64,
    /// How often each question is asked at each size by a single client
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    requests: u32,
    /// For how many milliseconds each number of connections and replicas is driven
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
    /// The connections that are used without a pause
    Connections,
    /// The servers on one database
    Replicas,
}

/// Whether something may cost more when there is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    /// It must not.
    Bounded,
    /// It may; how much is told.
    Told,
}

/// What one thing costs at one size.
#[derive(Clone, Debug)]
struct Figure {
    part: Part,
    size: u64,
    what: &'static str,
    growth: Growth,
    per_second: Option<f64>,
    p50_ms: f64,
    p99_ms: f64,
    /// How much more memory the server had in use meanwhile, where that is looked at.
    memory_mib: Option<f64>,
}

impl Row for Scale {
    const NAME: &'static str = "scale";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let mut figures = Vec::new();
        let mut circumstances = Vec::new();
        for part in &self.only {
            let (measured, stage) = match part {
                Part::Incidents => incidents::measure(stage, self).await?,
                Part::Timeline => timeline::measure(stage, self).await?,
                Part::Connections => connections::measure(stage, self).await?,
                // SQLite is one server's own.
                Part::Replicas if stage.store == StoreKind::Sqlite => continue,
                Part::Replicas => replicas::measure(stage, self).await?,
            };
            figures.extend(measured);
            circumstances = stage.circumstances();
        }
        circumstances.push(("requests of a single client for each figure", self.requests.to_string()));
        circumstances.push(("window of each number of connections and replicas, ms", self.window_ms.to_string()));
        Ok(Report { command: "scale", circumstances, table: table(&figures), verdicts: verdicts(&figures) })
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
    /// What a single client was answered.
    fn of(part: Part, size: u64, what: &'static str, growth: Growth, latencies: Latencies) -> Self {
        let (p50_ms, p99_ms) = (latencies.percentile_ms(0.5), latencies.percentile_ms(0.99));
        Self { part, size, what, growth, per_second: None, p50_ms, p99_ms, memory_mib: None }
    }

    /// How much slower it is than at another size.
    fn slower_than(&self, other: &Self) -> f64 {
        self.p50_ms / other.p50_ms.max(f64::EPSILON)
    }

    fn is_about_the_same_as(&self, other: &Self) -> bool {
        (self.part, self.what) == (other.part, other.what)
    }
}

/// The sizes from one to another, each so many times the one before; the last is the other, whatever it is.
fn sizes(from: u64, to: u64, factor: u64) -> Vec<u64> {
    let below = std::iter::successors(Some(from), |size| size.checked_mul(factor)).take_while(|size| *size < to);
    below.chain([to]).collect()
}

fn table(figures: &[Figure]) -> Table {
    let mut table =
        Table::new(&["what", "of", "size", "answers/s", "p50 ms", "p99 ms", "p50 to the first", "memory growth MiB"]);
    for figure in figures {
        let first = figures.iter().find(|other| other.is_about_the_same_as(figure)).unwrap_or(figure);
        table.push([
            Cell::text(figure.what),
            Cell::text(figure.part.unit()),
            Cell::Count(figure.size),
            figure.per_second.map_or(Cell::Nothing, |per_second| Cell::Figure(per_second, 0)),
            Cell::Figure(figure.p50_ms, 2),
            Cell::Figure(figure.p99_ms, 2),
            Cell::Figure(figure.slower_than(first), 2),
            figure.memory_mib.map_or(Cell::Nothing, |memory_mib| Cell::Figure(memory_mib, 1)),
        ]);
    }
    table
}

/// What must not grow, at the largest size next to the smallest, and what memory is taken at all.
fn verdicts(figures: &[Figure]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (index, first) in figures.iter().enumerate() {
        let is_first = !figures.iter().take(index).any(|other| other.is_about_the_same_as(first));
        let last = figures.iter().rev().find(|other| other.is_about_the_same_as(first));
        let Some(last) = last.filter(|last| is_first && first.growth == Growth::Bounded && last.size > first.size)
        else {
            continue;
        };
        let ratio = last.slower_than(first);
        verdicts.push(Verdict::timing(
            format!("{}: {} {} to {}", first.what, last.size, first.part.unit(), first.size),
            format!("≤ {SLOWER_MAX}"),
            format!("{ratio:.2}"),
            ratio <= SLOWER_MAX,
        ));
    }
    for figure in figures {
        let Some(memory_mib) = figure.memory_mib else { continue };
        verdicts.push(Verdict::timing(
            format!("{}: memory at {} {}", figure.what, figure.size, figure.part.unit()),
            format!("< {GROWTH_MIB_MAX} MiB"),
            format!("{memory_mib:.1} MiB"),
            memory_mib < GROWTH_MIB_MAX,
        ));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_by_the_factor_and_end_where_they_are_told_to() {
        assert_eq!(sizes(1_000, 1_000_000, 10), [1_000, 10_000, 100_000, 1_000_000]);
        assert_eq!(sizes(1_000, 2_000, 10), [1_000, 2_000]);
        assert_eq!(sizes(1_000, 1_000, 10), [1_000]);
        assert_eq!(sizes(1, 256, 4), [1, 4, 16, 64, 256]);
    }

    #[test]
    fn what_must_not_grow_is_judged_from_the_smallest_to_the_largest() {
        let figure = |size, what, growth, p50_ms| {
            let (part, per_second, p99_ms) = (Part::Incidents, None, 9.0);
            Figure { part, size, what, growth, per_second, p50_ms, p99_ms, memory_mib: None }
        };
        let figures = [
            figure(1_000, "get", Growth::Bounded, 1.0),
            figure(1_000, "list", Growth::Bounded, 1.0),
            figure(1_000, "search", Growth::Told, 1.0),
            figure(10_000, "get", Growth::Bounded, 9.0),
            figure(10_000, "list", Growth::Bounded, 1.0),
            figure(100_000, "get", Growth::Bounded, 1.4),
            figure(100_000, "list", Growth::Bounded, 1.6),
            figure(100_000, "search", Growth::Told, 5.0),
        ];
        let told: Vec<_> = verdicts(&figures).into_iter().map(|it| (it.what, it.measured, it.is_reached)).collect();
        let expected = [
            ("get: 100000 incidents to 1000".to_owned(), "1.40".to_owned(), true),
            ("list: 100000 incidents to 1000".to_owned(), "1.60".to_owned(), false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn memory_is_judged_wherever_it_was_looked_at() {
        let figure = |size, memory_mib| {
            let mut figure = Figure::of(Part::Incidents, size, "export", Growth::Told, Latencies::default());
            figure.memory_mib = memory_mib;
            figure
        };
        let figures = [figure(1_000, Some(1.0)), figure(10_000, Some(GROWTH_MIB_MAX)), figure(100_000, None)];
        let told: Vec<_> = verdicts(&figures).into_iter().map(|it| (it.measured, it.is_reached)).collect();
        assert_eq!(told, [("1.0 MiB".to_owned(), true), ("32.0 MiB".to_owned(), false)]);
    }
}
