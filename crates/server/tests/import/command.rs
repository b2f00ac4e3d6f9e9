//! The command line of the import.

use std::{
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::scene::{File, Sheet};

fn import(file: &Path, data: &Path) -> Output {
    import_with(&["--date-order", "day-first"], file, data)
}

fn import_with(options: &[&str], file: &Path, data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_incident-server"))
        .args(["import", "servicenow"])
        .args(options)
        .arg(file)
        .arg("--data")
        .arg(data)
        .current_dir(data.parent().expect("a folder"))
        .env_clear()
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn sheet() -> Sheet {
    Sheet::new()
        .row("INC1", "New", "1/3/2016 09:00", &[])
        .row("INC1", "-100", "1/3/2016 09:30", &[])
        .row("INC1", "Closed", "1/3/2016 10:00", &[("impact", "9 - Absurd")])
        .row("INC2", "Resolved", "1/3/2016 11:00", &[])
}

/// Returns the numbers after a name in the report.
fn counts(report: &str, name: &str) -> Vec<u64> {
    let of_line = |line: &str| line.trim().strip_prefix(name)?.trim().parse().ok();
    report.lines().filter_map(of_line).collect()
}

#[test]
fn an_import_with_another_timeline_key_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let file = sheet().save();
    assert_eq!(import(&file.path, &data).status.code(), Some(5));
    let mut other_key = Command::new(env!("CARGO_BIN_EXE_incident-server"));
    other_key
        .args(["import", "servicenow", "--date-order", "day-first", "--data"])
        .arg(&data)
        .arg(&file.path)
        .env_clear();
    other_key.env("TIMELINE_KEY", "another timeline key that only tests know").current_dir(folder.path());
    let refused = other_key.output().expect("the binary runs");
    assert_eq!((refused.status.code(), stdout(&refused).as_str()), (Some(2), ""), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("TIMELINE_KEY is not the key that sealed the timelines of this database"), "{said}");
}

#[test]
fn an_import_prints_a_report_and_a_second_one_adds_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let file = sheet().save();

    let first = import(&file.path, &data);
    assert_eq!(first.status.code(), Some(5), "{first:?}");
    let report = stdout(&first);
    assert!(report.starts_with("import incomplete, 1 of 4 rows were skipped: servicenow from "), "{report}");
    assert_eq!(counts(&report, "rows read"), [4]);
    assert_eq!(counts(&report, "imported"), [3, 2]);
    assert_eq!(counts(&report, "skipped"), [1]);
    assert_eq!(counts(&report, "already there"), [0, 0]);
    assert_eq!(counts(&report, "not reached"), [0, 0]);
    assert_eq!(counts(&report, "implied steps"), [3]);
    assert_eq!(counts(&report, "people added"), [2]);
    for line in [
        "updates that were adjusted: 1",
        "       1 × the log begins in resolved, the steps before are implied (line 5)",
        "values that were ignored: 1",
        "       1 × impact cannot be used: \"9 - Absurd\" (line 4)",
        "rows that were skipped: 1",
        "       1 × its state is unknown: \"-100\" (line 3)",
        "every skipped row:",
        "  line       3  INC1          its state is unknown: \"-100\"",
    ] {
        assert!(report.lines().any(|found| found == line), "{line:?} is not in\n{report}");
    }
    assert!(first.stderr.is_empty(), "there is no progress bar without a terminal: {first:?}");

    let second = import(&file.path, &data);
    assert_eq!(second.status.code(), Some(5), "{second:?}");
    let report = stdout(&second);
    assert_eq!(counts(&report, "imported"), [0, 0]);
    assert_eq!(counts(&report, "already there"), [3, 2]);
    assert_eq!(counts(&report, "timeline entries written"), [0]);
    assert_eq!(counts(&report, "people added"), [0]);
}

#[test]
fn an_import_of_every_row_exits_with_0_each_time() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let file = Sheet::new().row("INC1", "New", "2016-02-29 01:16:57", &[("opened_at", "2016-02-29 01:16:50")]).save();
    for imported in [1, 0] {
        let output = import_with(&[], &file.path, &data);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let report = stdout(&output);
        assert!(report.starts_with("import complete: servicenow from "), "{report}");
        assert_eq!(counts(&report, "imported"), [imported, imported]);
    }
}

#[test]
fn an_import_of_no_row_says_so_exits_with_6_and_creates_no_database() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let rows = (0..500).fold(Sheet::new(), |sheet, row| sheet.row("INC1", "New", &format!("yesterday at {row}"), &[]));
    let output = import(&rows.save().path, &data);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let report = stdout(&output);
    assert!(report.starts_with("nothing was imported, all 500 rows were skipped: servicenow from "), "{report}");
    assert_eq!(counts(&report, "skipped"), [500]);
    for line in [
        "rows that were skipped: 500",
        "       1 × its time cannot be read: \"yesterday at 0\" (line 2)",
        "     480 × for other reasons",
        "the first 100 of 500 skipped rows:",
    ] {
        assert!(report.lines().any(|found| found == line), "{line:?} is not in\n{report}");
    }
    assert!(report.lines().count() < 150, "the report is bounded:\n{report}");
    assert!(!data.exists(), "the folder of the database is not created");
}

#[test]
fn a_file_that_does_not_decide_its_dates_changes_nothing_until_the_order_is_given() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let file = Sheet::new().row("INC1", "New", "3/5/2016 09:00", &[]).save();
    let output = import_with(&[], &file.path, &data);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(stderr.contains("--date-order day-first or --date-order month-first"), "{stderr}");
    assert!(output.stdout.is_empty() && !data.exists());
    assert_eq!(import_with(&["--date-order", "month-first"], &file.path, &data).status.code(), Some(0));

    let wrong = import_with(&["--date-order", "day"], &file.path, &data);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    let unknown = import_with(&["--encoding", "latin-nine"], &file.path, &data);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_comes_through_a_pipe_is_imported() {
    use std::{io::Write, process::Stdio};

    let folder = TempDir::new().expect("a temporary folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_incident-server"))
        .args(["import", "servicenow", "/dev/stdin", "--date-order", "day-first", "--data"])
        .arg(folder.path().join("data"))
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(sheet().text().as_bytes()).expect("the command reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(counts(&stdout(&output), "imported"), [3, 2]);
}

#[test]
fn a_damaged_file_changes_nothing_and_prints_one_error_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let text = sheet().text().trim_end().to_owned();
    let file = File::of(&text.as_bytes()[..text.len() - 10]);

    let output = import(&file.path, &data);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(stderr.starts_with("error: cannot import ") && stderr.trim_end().lines().count() == 1, "{stderr}");
    assert!(!data.exists(), "the folder of the database is not created");
}

#[test]
fn the_help_names_the_prerequisites_and_an_example() {
    let binary = env!("CARGO_BIN_EXE_incident-server");
    let output = Command::new(binary).args(["import", "servicenow", "--help"]).output().expect("the binary runs");
    let help = stdout(&output);
    for part in [
        "incident-server import servicenow incident_event_log.csv --data ./data",
        "DATABASE_URL",
        "130",
        "`?`",
        "--date-order",
    ] {
        assert!(help.contains(part), "{part:?} is not in\n{help}");
    }
}
