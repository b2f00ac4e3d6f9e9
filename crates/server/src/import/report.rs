//! The report of an import.

use std::{
    collections::BTreeMap,
    fmt::{Result, Write},
    time::Duration,
};

use incident_application::work::{ReplayEnd, ReplayOutcome};

use super::import_file::{Finding, ImportFile};

/// The maximum number of lines that are listed for a reason; there may be thousands.
const LINES_NAMED_MAX: usize = 8;

/// Writes the report of a replay.
pub(super) fn write(out: &mut impl Write, file: &ImportFile, outcome: &ReplayOutcome, elapsed: Duration) -> Result {
    let ending = match outcome.end {
        ReplayEnd::Complete => "import complete",
        ReplayEnd::Interrupted => "import interrupted; the same command continues from here",
        ReplayEnd::Failed(_) => "import failed",
    };
    writeln!(out, "{ending}: {} from {}", file.log.source, file.name)?;
    write_counts(out, file, outcome)?;

    writeln!(out, "  {:<28}{:>9.2} s{}", "time", elapsed.as_secs_f64(), rate(outcome.imported, elapsed))?;

    if !file.absent_columns.is_empty() {
        writeln!(out, "\ncolumns that the file does not have: {}", file.absent_columns.join(", "))?;
    }
    let adjusted = outcome.adjustments.iter().map(|adjustment| (adjustment.kind.to_string(), adjustment.line));
    write_grouped(out, "updates that were adjusted", adjusted)?;
    write_grouped(out, "values that were ignored", file.ignored.iter().map(by_reason))?;
    write_grouped(out, "rows that were skipped", file.skipped.iter().map(by_reason))?;
    write_skipped_rows(out, &file.skipped)
}

fn rate(imported: usize, elapsed: Duration) -> String {
    if imported == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people needs no precision")]
    let rate = imported as f64 / elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
    format!(", {rate:.0} incidents/s")
}

fn write_counts(out: &mut impl Write, file: &ImportFile, outcome: &ReplayOutcome) -> Result {
    let accounted = outcome.updates_imported + outcome.updates_already_there + file.skipped.len();
    let counts = [
        ("rows read", file.rows),
        ("  imported", outcome.updates_imported),
        ("  already there", outcome.updates_already_there),
        ("  skipped", file.skipped.len()),
        ("  not reached", file.rows.saturating_sub(accounted)),
        ("incidents", file.log.incidents.len()),
        ("  imported", outcome.imported),
        ("  already there", outcome.already_there),
        ("  not reached", outcome.remaining),
        ("timeline entries written", outcome.entries),
        ("implied steps", outcome.implied_steps),
        ("people added", outcome.people_added),
    ];
    counts.into_iter().try_for_each(|(name, count)| writeln!(out, "  {name:<28}{count:>9}"))
}

fn by_reason(finding: &Finding) -> (String, u64) {
    (finding.reason.clone(), finding.line)
}

fn write_grouped(out: &mut impl Write, title: &str, findings: impl Iterator<Item = (String, u64)>) -> Result {
    let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (reason, line) in findings {
        groups.entry(reason).or_default().push(line);
    }
    let total: usize = groups.values().map(Vec::len).sum();
    if total == 0 {
        return Ok(());
    }
    writeln!(out, "\n{title}: {total}")?;
    for (reason, mut lines) in groups {
        lines.sort_unstable();
        let named: Vec<String> = lines.iter().take(LINES_NAMED_MAX).map(u64::to_string).collect();
        let rest = lines.len().saturating_sub(LINES_NAMED_MAX);
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        writeln!(out, "  {:>6} × {reason} (line {}{rest})", lines.len(), named.join(", "))?;
    }
    Ok(())
}

fn write_skipped_rows(out: &mut impl Write, skipped: &[Finding]) -> Result {
    if skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nevery skipped row:")?;
    skipped.iter().try_for_each(|finding| {
        let incident = finding.incident.as_deref().unwrap_or("-");
        writeln!(out, "  line {:>7}  {incident:<12}  {}", finding.line, finding.reason)
    })
}
