//! The speed table: what was measured, the baseline it is compared with, and whether the target was reached.

use crate::{
    report::{Cell, Circumstances, Report, Table},
    units,
    verdict::{Target, Verdict},
};

const COLUMNS: [&str; 11] = [
    "work",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server CPU µs/request",
    "memory MiB",
    "baseline",
    "its figure",
    "ratio",
    "target",
    "outcome",
];

/// The figures of some work; `None` for those that do not apply or cannot be measured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) per_second: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    /// Processor time of the server alone, without the database process and the load generator.
    pub(crate) cpu_us: Option<f64>,
    /// Resident memory of the server after the work.
    pub(crate) memory_mib: Option<f64>,
}

/// Whether targets are judged. A quick run only shows that everything can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Judged,
    NotJudged,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    work: String,
    figures: Figures,
    baseline: Option<(String, f64)>,
    compared: Cell,
    target: Option<String>,
    outcome: Option<&'static str>,
    verdict: Option<Verdict>,
}

/// The lines of one row, or of several.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpeedTable {
    pub(crate) circumstances: Circumstances,
    pub(crate) lines: Vec<Line>,
}

impl Judgement {
    const fn of(self, is_reached: bool) -> &'static str {
        match (self, is_reached) {
            (Self::NotJudged, _) => "not judged",
            (Self::Judged, true) => "reached",
            (Self::Judged, false) => "missed",
        }
    }
}

impl Line {
    /// Returns a line for information, without baseline and target.
    pub(crate) fn new(work: impl Into<String>, figures: Figures) -> Self {
        let work = work.into();
        Self { work, figures, baseline: None, compared: Cell::Empty, target: None, outcome: None, verdict: None }
    }

    /// Adds a baseline with the name of its figure, and the ratio of the work's figure to it.
    pub(crate) fn with_baseline(self, name: impl Into<String>, figure: f64, ratio: f64) -> Self {
        Self { baseline: Some((name.into(), figure)), compared: Cell::Figure(ratio, 3), ..self }
    }

    /// Adds a baseline whose throughput the work's is compared with.
    pub(crate) fn with_throughput_of(self, baseline: &str, per_second: f64) -> Self {
        let ratio = units::ratio(self.figures.per_second.unwrap_or_default(), per_second);
        self.with_baseline(format!("{baseline}, requests/s"), per_second, ratio)
    }

    /// Adds a target for a figure.
    pub(crate) fn with_target(self, target: Target, figure: f64, judgement: Judgement) -> Self {
        let outcome = Some(judgement.of(target.is_reached(figure)));
        Self { target: Some(target.to_string()), outcome, ..self }
    }

    /// Adds a target for the ratio to the baseline.
    pub(crate) fn with_ratio_target(self, target: Target, judgement: Judgement) -> Self {
        match self.compared {
            Cell::Figure(ratio, _) => self.with_target(target, ratio, judgement),
            _ => self.not_measured("no baseline", target, judgement),
        }
    }

    /// Adds a target that cannot be judged because something is missing; it never counts as reached.
    pub(crate) fn not_measured(self, why: &str, target: Target, judgement: Judgement) -> Self {
        let compared = Cell::Text(format!("NOT MEASURED: {why}"));
        Self { compared, target: Some(target.to_string()), outcome: Some(judgement.of(false)), ..self }
    }

    /// Adds a count that must be exact, also in a quick run.
    pub(crate) fn with_count(self, what: &str, expected: u64, counted: u64) -> Self {
        let (expected, counted) = (format!("{expected} {what}"), format!("{counted} {what}"));
        let verdict = Verdict::exactly(self.work.clone(), expected.clone(), counted.clone());
        let outcome = Some(verdict.outcome());
        Self { compared: Cell::Text(counted), target: Some(expected), outcome, verdict: Some(verdict), ..self }
    }

    fn cells(&self) -> [Cell; 11] {
        let figure = |figure: Option<f64>, decimals| Cell::from(figure.map(|figure| Cell::Figure(figure, decimals)));
        let decimals = |figure: f64| if figure < 100.0 { 2 } else { 0 };
        [
            self.work.clone().into(),
            figure(self.figures.per_second, 0),
            figure(self.figures.p50_ms, 2),
            figure(self.figures.p99_ms, 2),
            figure(self.figures.cpu_us, 1),
            figure(self.figures.memory_mib, 1),
            self.baseline.as_ref().map(|(name, _)| name.clone()).into(),
            self.baseline.as_ref().map(|(_, figure)| Cell::Figure(*figure, decimals(*figure))).into(),
            self.compared.clone(),
            self.target.clone().into(),
            self.outcome.into(),
        ]
    }
}

impl SpeedTable {
    /// Adds the lines of another row.
    pub(crate) fn append(&mut self, other: Self) {
        self.circumstances.merge(other.circumstances);
        self.lines.extend(other.lines);
    }

    /// Returns the report, in which violated guarantees are repeated as verdicts.
    pub(crate) fn into_report(self) -> Report {
        let mut table = Table::new(&COLUMNS);
        for line in &self.lines {
            table.push(line.cells());
        }
        let verdicts = self.lines.into_iter().filter_map(|line| line.verdict).filter(Verdict::is_violated).collect();
        Report { circumstances: self.circumstances, table, verdicts }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verdict::Unit;

    const QUARTER: Target = Target::AtLeast(0.25, Unit::Percent);

    fn work() -> Line {
        Line::new("get", Figures { per_second: Some(3_000.0), p50_ms: Some(1.5), ..Figures::default() })
    }

    fn report(line: Line) -> Report {
        SpeedTable { lines: vec![line], ..SpeedTable::default() }.into_report()
    }

    fn row(line: Line) -> serde_json::Value {
        report(line).to_json("get")["rows"][0].clone()
    }

    #[test]
    fn a_line_shows_work_baseline_and_outcome() {
        let line = work().with_throughput_of("bare", 10_000.0).with_ratio_target(QUARTER, Judgement::Judged);
        let expected = json!({
            "work": "get", "requests/s": 3000.0, "p50 ms": 1.5, "p99 ms": null, "server CPU µs/request": null,
            "memory MiB": null, "baseline": "bare, requests/s", "its figure": 10_000.0, "ratio": 0.3,
            "target": "≥ 25 %", "outcome": "reached",
        });
        assert_eq!(row(line), expected);
    }

    #[test]
    fn a_target_is_reached_missed_or_not_judged() {
        for (figure, expected) in [(0.25, "reached"), (0.249, "missed")] {
            assert_eq!(row(work().with_target(QUARTER, figure, Judgement::Judged))["outcome"], expected);
            assert_eq!(row(work().with_target(QUARTER, figure, Judgement::NotJudged))["outcome"], "not judged");
        }
    }

    #[test]
    fn a_target_that_was_not_measured_is_missed() {
        let missed = row(work().not_measured("no pgbench", QUARTER, Judgement::Judged));
        assert_eq!((&missed["ratio"], &missed["outcome"]), (&json!("NOT MEASURED: no pgbench"), &json!("missed")));
        assert_eq!(row(work().with_ratio_target(QUARTER, Judgement::Judged))["outcome"], "missed");
    }

    #[test]
    fn a_wrong_count_fails_the_run_and_a_missed_target_does_not() {
        assert!(report(work().with_count("statements", 2, 2)).holds());
        assert!(!report(work().with_count("statements", 2, 3)).holds());
        assert!(report(work().with_target(QUARTER, 0.1, Judgement::Judged)).holds());
    }
}
