//! The result of a row: tables for people, in Markdown, and the same for programs, in JSON.

use std::fmt::{self, Write};

use serde_json::{Map, Value, json};

use crate::verdict::Verdict;

/// The result of one run.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) circumstances: Circumstances,
    pub(crate) table: Table,
    pub(crate) verdicts: Vec<Verdict>,
}

/// What a measurement depends on, such as the store and the build, in the order of the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances(Vec<(&'static str, String)>);

#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Count(u64),
    /// A number, and how many of its decimals are shown in Markdown.
    Figure(f64, usize),
    /// Nothing was measured.
    Empty,
}

impl Circumstances {
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers and texts")]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// Adds those of another row whose names are new.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, value) in other.0 {
            if self.0.iter().all(|(known, _)| *known != name) {
                self.0.push((name, value));
            }
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

    /// Adds rows of a name and a value each.
    pub(crate) fn extend<N: Into<String>, V: Into<Cell>>(&mut self, rows: impl IntoIterator<Item = (N, V)>) {
        for (name, value) in rows {
            self.push([Cell::Text(name.into()), value.into()]);
        }
    }
}

impl Report {
    /// Whether no guarantee was violated.
    pub(crate) fn holds(&self) -> bool {
        !self.verdicts.iter().any(Verdict::is_violated)
    }

    pub(crate) fn to_markdown(&self, command: &str) -> String {
        let mut text = format!("\n## {command}\n\n");
        for (name, value) in &self.circumstances.0 {
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

    pub(crate) fn to_json(&self, command: &str) -> Value {
        let circumstances: Map<String, Value> =
            self.circumstances.0.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let row = |cells: &Vec<Cell>| -> Map<String, Value> {
            let named = self.table.columns.iter().zip(cells);
            named.map(|(column, cell)| ((*column).to_owned(), cell.to_json())).collect()
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
            "command": command,
            "circumstances": circumstances,
            "rows": self.table.rows.iter().map(row).collect::<Vec<_>>(),
            "verdicts": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
        })
    }
}

/// Returns the cells of a row from texts, counts and figures.
macro_rules! cells {
    ($($value:expr),+ $(,)?) => {
        [$($crate::report::Cell::from($value)),+]
    };
}
pub(crate) use cells;

impl Cell {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Figure(figure, _) => json!(figure),
            Self::Empty => Value::Null,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => write!(f, "{count}"),
            Self::Figure(figure, decimals) => write!(f, "{figure:.decimals$}"),
            Self::Empty => f.write_str("–"),
        }
    }
}

/// Writes a table that is also readable as plain text: the first column is left-aligned, the others right-aligned.
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
    use crate::verdict::{Target, Unit};

    fn report() -> Report {
        let mut table = Table::new(&["phase", "reads/s", "refused"]);
        table.push(cells!["without", Cell::Figure(1234.56, 0), Cell::Empty]);
        table.push(cells!["with", Cell::Figure(617.0, 0), Some(3)]);
        let verdict = Verdict::timing("throughput", Target::AtLeast(0.5, Unit::Percent), 0.499);
        Report { circumstances: Circumstances::default().with("store", "sqlite"), table, verdicts: vec![verdict] }
    }

    #[test]
    fn markdown_shows_aligned_tables() {
        let expected = "
## flood

- store: sqlite

| phase   | reads/s | refused |
| ------- | ------: | ------: |
| without |    1235 |       – |
| with    |     617 |       3 |

| what       | target | measured | outcome |
| ---------- | -----: | -------: | ------: |
| throughput | ≥ 50 % |  49.90 % |  missed |
";
        assert_eq!(report().to_markdown("flood"), expected);
    }

    #[test]
    fn json_contains_unrounded_figures() {
        let json = report().to_json("flood");
        assert_eq!(json["command"], "flood");
        assert_eq!(json["rows"][0], json!({"phase": "without", "reads/s": 1234.56, "refused": null}));
        assert_eq!(json["verdicts"][0]["outcome"], "missed");
        assert_eq!(json["circumstances"]["store"], "sqlite");
    }

    #[test]
    fn a_report_holds_unless_a_guarantee_is_violated() {
        let mut report = report();
        assert!(report.holds());
        report.verdicts.push(Verdict::exactly("lost", 0, 1));
        assert!(!report.holds());
        assert!(report.to_markdown("flood").contains("BROKEN"));
    }

    #[test]
    fn merged_circumstances_are_named_once() {
        let circumstances = |name| Circumstances::default().with("store", "SQLite").with(name, 1);
        let mut merged = circumstances("a");
        merged.merge(circumstances("b"));
        let names: Vec<_> = merged.0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["store", "a", "b"]);
    }
}
