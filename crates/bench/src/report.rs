//! What was measured: a table for people, in Markdown, and the same for programs, in JSON.

use std::fmt::{self, Write};

use serde_json::{Map, Value, json};

/// The result of one run.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The command that measured it.
    pub(crate) command: &'static str,
    /// Under which circumstances.
    pub(crate) circumstances: Vec<(&'static str, String)>,
    pub(crate) table: Table,
    pub(crate) verdicts: Vec<Verdict>,
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Count(u64),
    /// A number, and how many decimals of it mean something.
    Figure(f64, usize),
    /// There was nothing to measure.
    Nothing,
}

/// What is judged, and how.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) what: String,
    pub(crate) target: String,
    pub(crate) measured: String,
    pub(crate) is_reached: bool,
    pub(crate) weight: Weight,
}

/// What it means to miss a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A slower machine or a busier moment: it never fails a run.
    Timing,
    /// Something happened that must never happen: it fails the run.
    Correctness,
}

impl Verdict {
    pub(crate) fn timing(what: impl Into<String>, target: String, measured: String, is_reached: bool) -> Self {
        Self { what: what.into(), target, measured, is_reached, weight: Weight::Timing }
    }

    /// A count that must be exactly so.
    pub(crate) fn count(what: impl Into<String>, expected: u64, counted: u64) -> Self {
        Self::correctness(what, expected.to_string(), counted.to_string(), counted == expected)
    }

    pub(crate) fn correctness(what: impl Into<String>, target: String, measured: String, is_reached: bool) -> Self {
        Self { what: what.into(), target, measured, is_reached, weight: Weight::Correctness }
    }

    const fn outcome(&self) -> &'static str {
        match (self.is_reached, self.weight) {
            (true, _) => "reached",
            (false, Weight::Timing) => "missed",
            (false, Weight::Correctness) => "BROKEN",
        }
    }
}

impl Table {
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row with a cell for every column.
    pub(crate) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        debug_assert_eq!(N, self.columns.len(), "a cell for every column");
        self.rows.push(row.into());
    }
}

impl Report {
    /// Whether nothing happened that must never happen.
    pub(crate) fn holds(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.is_reached || verdict.weight == Weight::Timing)
    }

    pub(crate) fn as_markdown(&self) -> String {
        let mut text = format!("\n## {}\n\n", self.command);
        for (name, value) in &self.circumstances {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {name}: {value}");
        }
        let rows = self.table.rows.iter().map(|row| row.iter().map(Cell::to_string).collect()).collect();
        text.push_str(&markdown_table(&self.table.columns, rows));
        if !self.verdicts.is_empty() {
            let line = |verdict: &Verdict| {
                let outcome = verdict.outcome().to_owned();
                vec![verdict.what.clone(), verdict.target.clone(), verdict.measured.clone(), outcome]
            };
            let lines = self.verdicts.iter().map(line).collect();
            text.push_str(&markdown_table(&["what", "target", "measured", "outcome"], lines));
        }
        text
    }

    pub(crate) fn as_json(&self) -> Value {
        let circumstances: Map<String, Value> =
            self.circumstances.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let row = |cells: &Vec<Cell>| -> Map<String, Value> {
            let named = self.table.columns.iter().zip(cells);
            named.map(|(column, cell)| ((*column).to_owned(), cell.as_json())).collect()
        };
        let verdict = |verdict: &Verdict| {
            json!({
                "what": verdict.what,
                "target": verdict.target,
                "measured": verdict.measured,
                "outcome": verdict.outcome(),
            })
        };
        json!({
            "command": self.command,
            "circumstances": circumstances,
            "rows": self.table.rows.iter().map(row).collect::<Vec<_>>(),
            "verdicts": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
        })
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn as_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Figure(figure, _) => json!(figure),
            Self::Nothing => Value::Null,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => write!(f, "{count}"),
            Self::Figure(figure, decimals) => write!(f, "{figure:.decimals$}"),
            Self::Nothing => f.write_str("–"),
        }
    }
}

/// A table that reads well as text too: the first column to the left, the others to the right.
fn markdown_table(columns: &[&'static str], rows: Vec<Vec<String>>) -> String {
    let header = columns.iter().map(|column| (*column).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let chars = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|text| text.chars().count()).max();
    let widths: Vec<usize> = (0..columns.len()).map(|column| chars(column).unwrap_or_default().max(3)).collect();

    let mut text = String::from("\n");
    for (index, line) in lines.iter().enumerate() {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(text, "| {cell:<width$} ") } else { write!(text, "| {cell:>width$} ") };
        }
        text.push_str("|\n");
        if index == 0 {
            for (column, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(*width);
                let _ = if column == 0 { write!(text, "| {dashes} ") } else { write!(text, "| {}: ", &dashes[1..]) };
            }
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(weight: Weight) -> Report {
        let mut table = Table::new(&["phase", "reads/s", "refused"]);
        table.push([Cell::text("without"), Cell::Figure(1234.56, 0), Cell::Nothing]);
        table.push([Cell::text("with"), Cell::Figure(617.0, 0), Cell::Count(3)]);
        let verdict = Verdict {
            what: "throughput".to_owned(),
            target: "≥ 0.50".to_owned(),
            measured: "0.499".to_owned(),
            is_reached: false,
            weight,
        };
        Report { command: "flood", circumstances: vec![("store", "sqlite".to_owned())], table, verdicts: vec![verdict] }
    }

    #[test]
    fn people_read_a_table() {
        let expected = "
## flood

- store: sqlite

| phase   | reads/s | refused |
| ------- | ------: | ------: |
| without |    1235 |       – |
| with    |     617 |       3 |

| what       | target | measured | outcome |
| ---------- | -----: | -------: | ------: |
| throughput | ≥ 0.50 |    0.499 |  missed |
";
        assert_eq!(report(Weight::Timing).as_markdown(), expected);
    }

    #[test]
    fn programs_read_the_figures_unrounded() {
        let json = report(Weight::Timing).as_json();
        assert_eq!(json["rows"][0], json!({"phase": "without", "reads/s": 1234.56, "refused": null}));
        assert_eq!(json["verdicts"][0]["outcome"], "missed");
        assert_eq!(json["circumstances"]["store"], "sqlite");
    }

    #[test]
    fn only_what_must_never_happen_fails_a_run() {
        assert!(report(Weight::Timing).holds());
        assert!(!report(Weight::Correctness).holds());
        assert!(report(Weight::Correctness).as_markdown().contains("BROKEN"));
    }
}
