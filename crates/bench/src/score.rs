//! The lines of the table of speed: what was measured, next to what, and whether that was reached.

use crate::report::{Cell, Report, Table, Verdict};

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

/// What is known of some work; what has no sense for it, or cannot be seen, is not there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) per_second: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    /// What the server alone takes; not the database beside it, nor the load.
    pub(crate) cpu_us: Option<f64>,
    /// What the server has in use afterwards.
    pub(crate) memory_mib: Option<f64>,
}

/// A bound for a ratio or a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtLeast(f64, Unit),
    AtMost(f64, Unit),
}

/// How a bound is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A part of the baseline's figure.
    Percent,
    /// So many times the baseline's figure.
    Times,
    PerSecond,
    Milliseconds,
    Mebibytes,
}

/// Whether targets are judged: what takes a moment only to see that it can be measured says nothing about speed.
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
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// For information only.
    None,
    NotJudged,
    Reached,
    Missed,
    /// Something happened that must never happen.
    Broken,
}

/// What a row has measured.
#[derive(Clone, Debug)]
pub(crate) struct Score {
    pub(crate) circumstances: Vec<(&'static str, String)>,
    pub(crate) lines: Vec<Line>,
}

impl Target {
    fn is_reached(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound, _) => figure >= bound,
            Self::AtMost(bound, _) => figure <= bound,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, bound, unit) = match self {
            Self::AtLeast(bound, unit) => ('≥', bound, unit),
            Self::AtMost(bound, unit) => ('≤', bound, unit),
        };
        match unit {
            Unit::Percent => write!(f, "{sign} {} %", bound * 100.0),
            Unit::Times => write!(f, "{sign} {bound}×"),
            Unit::PerSecond => write!(f, "{sign} {bound}/s"),
            Unit::Milliseconds => write!(f, "{sign} {bound} ms"),
            Unit::Mebibytes => write!(f, "{sign} {bound} MiB"),
        }
    }
}

impl Judgement {
    fn of(self, is_reached: bool) -> Outcome {
        match (self, is_reached) {
            (Self::NotJudged, _) => Outcome::NotJudged,
            (Self::Judged, true) => Outcome::Reached,
            (Self::Judged, false) => Outcome::Missed,
        }
    }
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "–",
            Self::NotJudged => "not judged",
            Self::Reached => "reached",
            Self::Missed => "missed",
            Self::Broken => "BROKEN",
        }
    }
}

impl Line {
    /// Work that is measured for information.
    pub(crate) fn new(work: impl Into<String>, figures: Figures) -> Self {
        let work = work.into();
        Self { work, figures, baseline: None, compared: Cell::Nothing, target: None, outcome: Outcome::None }
    }

    /// Next to a baseline: its name with what its figure is, that figure, and how many times as large the work's is.
    pub(crate) fn next_to(self, baseline: impl Into<String>, figure: f64, ratio: f64) -> Self {
        Self { baseline: Some((baseline.into(), figure)), compared: Cell::Figure(ratio, 3), ..self }
    }

    /// Next to the throughput of a baseline.
    pub(crate) fn next_to_throughput(self, baseline: &str, per_second: f64) -> Self {
        let ratio = self.figures.per_second.unwrap_or_default() / per_second.max(f64::EPSILON);
        self.next_to(format!("{baseline}, requests/s"), per_second, ratio)
    }

    /// Held to a bound, by the ratio to its baseline or by a figure of its own.
    pub(crate) fn held_to(self, target: Target, figure: f64, judgement: Judgement) -> Self {
        let outcome = judgement.of(target.is_reached(figure));
        Self { target: Some(target.to_string()), outcome, ..self }
    }

    /// Held to a bound by the ratio to its baseline.
    pub(crate) fn with_ratio_held_to(self, target: Target, judgement: Judgement) -> Self {
        match self.compared {
            Cell::Figure(ratio, _) => self.held_to(target, ratio, judgement),
            _ => self.not_measured("no baseline", target, judgement),
        }
    }

    /// Something without which the bound cannot be judged is not there, which never counts as reached.
    pub(crate) fn not_measured(self, why: &str, target: Target, judgement: Judgement) -> Self {
        let compared = Cell::Text(format!("NOT MEASURED: {why}"));
        Self { compared, target: Some(target.to_string()), outcome: judgement.of(false), ..self }
    }

    /// A count that must be exactly so, however little time there is.
    pub(crate) fn counted(self, what: &str, expected: u64, counted: u64) -> Self {
        let outcome = if counted == expected { Outcome::Reached } else { Outcome::Broken };
        let (compared, target) = (Cell::Text(format!("{counted} {what}")), Some(format!("{expected} {what}")));
        Self { compared, target, outcome, ..self }
    }

    fn cells(&self) -> [Cell; 11] {
        let figure =
            |figure: Option<f64>, decimals| figure.map_or(Cell::Nothing, |figure| Cell::Figure(figure, decimals));
        let decimals = |figure: f64| if figure < 100.0 { 2 } else { 0 };
        [
            Cell::text(&self.work),
            figure(self.figures.per_second, 0),
            figure(self.figures.p50_ms, 2),
            figure(self.figures.p99_ms, 2),
            figure(self.figures.cpu_us, 1),
            figure(self.figures.memory_mib, 1),
            self.baseline.as_ref().map_or(Cell::Nothing, |(name, _)| Cell::text(name)),
            self.baseline.as_ref().map_or(Cell::Nothing, |(_, of)| Cell::Figure(*of, decimals(*of))),
            self.compared.clone(),
            self.target.as_ref().map_or(Cell::Nothing, Cell::text),
            if self.outcome == Outcome::None { Cell::Nothing } else { Cell::text(self.outcome.as_str()) },
        ]
    }

    /// What fails a run if it is not so.
    fn verdict(&self) -> Option<Verdict> {
        let (Cell::Text(counted), Some(target)) = (&self.compared, &self.target) else { return None };
        let is_broken = self.outcome == Outcome::Broken;
        is_broken.then(|| Verdict::correctness(self.work.clone(), target.clone(), counted.clone(), false))
    }
}

impl Score {
    /// The table of all lines; what must never happen stands once more below it.
    pub(crate) fn into_report(self, command: &'static str) -> Report {
        let mut table = Table::new(&COLUMNS);
        for line in &self.lines {
            table.push(line.cells());
        }
        let verdicts = self.lines.iter().filter_map(Line::verdict).collect();
        Report { command, circumstances: self.circumstances, table, verdicts }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const QUARTER: Target = Target::AtLeast(0.25, Unit::Percent);

    fn work() -> Line {
        Line::new("get", Figures { per_second: Some(3_000.0), p50_ms: Some(1.5), ..Figures::default() })
    }

    fn row(line: Line) -> serde_json::Value {
        let score = Score { circumstances: Vec::new(), lines: vec![line] };
        score.into_report("get").as_json()["rows"][0].clone()
    }

    #[test]
    fn a_line_tells_the_work_its_baseline_and_what_came_of_it() {
        let line = work().next_to_throughput("bare", 10_000.0).with_ratio_held_to(QUARTER, Judgement::Judged);
        let expected = json!({
            "work": "get", "requests/s": 3000.0, "p50 ms": 1.5, "p99 ms": null, "server CPU µs/request": null,
            "memory MiB": null, "baseline": "bare, requests/s", "its figure": 10_000.0, "ratio": 0.3,
            "target": "≥ 25 %", "outcome": "reached",
        });
        assert_eq!(row(line), expected);
    }

    #[test]
    fn a_bound_is_reached_on_its_right_side_only() {
        for (target, figure, expected) in [
            (QUARTER, 0.25, "reached"),
            (QUARTER, 0.249, "missed"),
            (Target::AtMost(40.0, Unit::Mebibytes), 40.0, "reached"),
            (Target::AtMost(40.0, Unit::Mebibytes), 40.1, "missed"),
        ] {
            assert_eq!(
                row(work().held_to(target, figure, Judgement::Judged))["outcome"],
                expected,
                "{target} {figure}"
            );
            assert_eq!(row(work().held_to(target, figure, Judgement::NotJudged))["outcome"], "not judged");
        }
        let shown = Target::AtMost(1.5, Unit::Times).to_string();
        assert_eq!((shown.as_str(), QUARTER.to_string().as_str()), ("≤ 1.5×", "≥ 25 %"));
    }

    #[test]
    fn what_was_not_measured_is_never_reached() {
        let missed = row(work().not_measured("no pgbench", QUARTER, Judgement::Judged));
        assert_eq!((&missed["ratio"], &missed["outcome"]), (&json!("NOT MEASURED: no pgbench"), &json!("missed")));
        assert_eq!(row(work().with_ratio_held_to(QUARTER, Judgement::Judged))["outcome"], "missed");
    }

    #[test]
    fn a_wrong_count_fails_the_run_and_a_missed_bound_does_not() {
        let report = |line| Score { circumstances: Vec::new(), lines: vec![line] }.into_report("x");
        assert!(report(work().counted("statements", 2, 2)).holds());
        assert!(!report(work().counted("statements", 2, 3)).holds());
        assert!(report(work().held_to(QUARTER, 0.1, Judgement::Judged)).holds());
    }
}
