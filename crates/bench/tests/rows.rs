//! Every row that needs neither another server nor much time runs from its beginning to its end. What it measures
//! here means nothing; what must never happen fails it here too.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{fs, process::Command};

use serde_json::Value;

/// Runs a command on SQLite and answers its result.
fn run(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("result.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_incident-bench"));
    command.args(arguments).arg("--folder").arg(folder.path()).arg("--out").arg(&out);
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let result = serde_json::from_slice(&fs::read(&out).expect("a result")).expect("JSON");
    fs::remove_file(out).expect("removable");
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 0, "something was left behind");
    result
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn reads_are_measured_while_others_sign_in() {
    let flood = ["--pairs", "1", "--phase-seconds", "1", "--readers", "2", "--signers", "2", "--cost", "4"];
    let result = run(&[&["sign-in-flood"], &flood[..]].concat());
    let with = &result["rows"][1];
    assert!(with["reads/s"].as_f64() > Some(0.0) && with["sign-ins/s"].as_f64() > Some(0.0), "{result:#}");
}

#[test]
fn accounts_cannot_be_told_apart_by_their_answers() {
    let result = run(&["enumeration", "--sets", "3", "--cost", "6", "--stale-hashes"]);
    assert_eq!(result["rows"].as_array().map(Vec::len), Some(4), "{result:#}");
    assert_eq!(result["rows"][2]["sign-ins"], 3, "{result:#}");
}

#[test]
fn races_for_a_refresh_token_are_run_and_counted() {
    let result = run(&["refresh-race", "--rounds", "3", "--connections", "8"]);
    assert_eq!(result["rows"][0]["200"], 24, "{result:#}");
}
