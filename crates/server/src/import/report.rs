//! The report of an import.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fmt::{Result, Write},
    time::Duration,
};

use incident_application::work::{ReplayEnd, ReplayOutcome};

use super::{
    findings::{Findings, Lines},
    import_file::ImportFile,
};

/// The maximum number of reasons that are listed; in a file with other dates, each row may have its own.
const REASONS_LISTED_MAX: usize = 20;

/// Writes the report of a replay.
pub(super) fn write(out: &mut impl Write, file: &ImportFile, outcome: &ReplayOutcome, elapsed: Duration) -> Result {
    let skipped = file.skipped.len();
    let ending = match outcome.end {
        ReplayEnd::Complete if skipped == 0 => "import complete".to_owned(),
        ReplayEnd::Complete => format!("import incomplete, {skipped} of {} rows were skipped", file.rows),
        ReplayEnd::Interrupted => "import interrupted; the same command continues from here".to_owned(),
        ReplayEnd::Failed(_) => "import failed".to_owned(),
    };
    writeln!(out, "{ending}: {} from {}", file.log.source, file.name)?;
    write_counts(out, file, outcome)?;

    writeln!(out, "  {:<28}{:>9.2} s{}", "time", elapsed.as_secs_f64(), rate(outcome.imported, elapsed))?;

    write_absent_columns(out, file)?;
    let mut adjusted: BTreeMap<String, Lines> = BTreeMap::new();
    let mut adjustments: Vec<_> = outcome.adjustments.iter().collect();
    adjustments.sort_by_key(|adjustment| adjustment.line);
    for adjustment in adjustments {
        adjusted.entry(adjustment.kind.to_string()).or_default().add(adjustment.line);
    }
    write_grouped(out, "updates that were adjusted", &adjusted, &Lines::default())?;
    write_findings(out, file)
}

/// Writes the report of a file of which no row can be used.
pub(super) fn write_nothing_imported(out: &mut impl Write, file: &ImportFile) -> Result {
    let rows = file.rows;
    writeln!(out, "nothing was imported, all {rows} rows were skipped: {} from {}", file.log.source, file.name)?;
    write_count(out, "rows read", rows)?;
    write_count(out, "  imported", 0)?;
    write_count(out, "  skipped", file.skipped.len())?;
    write_absent_columns(out, file)?;
    write_findings(out, file)
}

fn write_findings(out: &mut impl Write, file: &ImportFile) -> Result {
    let ImportFile { ignored, skipped, .. } = file;
    write_grouped(out, "values that were ignored", ignored.by_reason(), ignored.other_reasons())?;
    write_grouped(out, "rows that were skipped", skipped.by_reason(), skipped.other_reasons())?;
    write_skipped_rows(out, skipped)
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
    counts.into_iter().try_for_each(|(name, count)| write_count(out, name, count))
}

fn write_count(out: &mut impl Write, name: &str, count: usize) -> Result {
    writeln!(out, "  {name:<28}{count:>9}")
}

fn write_absent_columns(out: &mut impl Write, file: &ImportFile) -> Result {
    if file.absent_columns.is_empty() {
        return Ok(());
    }
    writeln!(out, "\ncolumns that the file does not have: {}", file.absent_columns.join(", "))
}

/// Writes the number of findings for each reason. If there are many reasons, only the most frequent are listed.
fn write_grouped(out: &mut impl Write, title: &str, reasons: &BTreeMap<String, Lines>, others: &Lines) -> Result {
    let total: usize = reasons.values().map(|lines| lines.count).sum::<usize>() + others.count;
    if total == 0 {
        return Ok(());
    }
    writeln!(out, "\n{title}: {total}")?;
    let mut reasons: Vec<(&String, &Lines)> = reasons.iter().collect();
    if reasons.len() > REASONS_LISTED_MAX {
        // Stable, so that reasons of the same frequency stay in their order.
        reasons.sort_by_key(|(_, lines)| Reverse(lines.count));
    }
    let unlisted = reasons.split_off(reasons.len().min(REASONS_LISTED_MAX));
    for (reason, lines) in reasons {
        let named: Vec<String> = lines.first.iter().map(u64::to_string).collect();
        let rest = lines.count.saturating_sub(named.len());
        let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        writeln!(out, "  {:>6} × {reason} (line {}{rest})", lines.count, named.join(", "))?;
    }
    let unlisted = unlisted.iter().map(|(_, lines)| lines.count).sum::<usize>() + others.count;
    if unlisted > 0 {
        writeln!(out, "  {unlisted:>6} × for other reasons")?;
    }
    Ok(())
}

fn write_skipped_rows(out: &mut impl Write, skipped: &Findings) -> Result {
    let listed = skipped.first();
    if listed.is_empty() {
        return Ok(());
    }
    if listed.len() == skipped.len() {
        writeln!(out, "\nevery skipped row:")?;
    } else {
        writeln!(out, "\nthe first {} of {} skipped rows:", listed.len(), skipped.len())?;
    }
    listed.iter().try_for_each(|finding| {
        let incident = finding.incident.as_deref().unwrap_or("-");
        writeln!(out, "  line {:>7}  {incident:<12}  {}", finding.line, finding.reason)
    })
}
