//! An export, checked by `docs/check_timelines.py` alone.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{api::Api, program::CommandOutput, team::Team};

const KEY: &str = "a timeline key that only tests know";

fn documentation(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file)
}

/// Checks an export with the Python program.
fn check_with(key: &str, export: &str) -> CommandOutput {
    check_with_retired(key, "", export)
}

fn check_with_retired(key: &str, retired: &str, export: &str) -> CommandOutput {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("timelines.jsonl");
    fs::write(&file, export).expect("written");
    let program = documentation("check_timelines.py");
    let mut check = Command::new("python3");
    check.arg(program).arg(file).env("TIMELINE_KEY", key).env("TIMELINE_KEYS_RETIRED", retired);
    let check = check.output();
    let output = check.expect("python3 runs");
    CommandOutput {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn check(lines: &[String]) -> CommandOutput {
    check_with(KEY, &(lines.join("\n") + "\n"))
}

/// Exports four incidents, one of which has a longer timeline, and returns the lines.
async fn exported() -> Vec<String> {
    let team = Team::new();
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    for title in ["eins", "zwei: größer", "\"drei\", \\ und mehr"] {
        api.open(title).await.expect("opened");
    }
    let number = api.open("long").await.expect("opened");
    for message in ["a,b:c", "zwei\nZeilen", "…"] {
        let posted = api.post(&format!("/incidents/{number}/logs"), serde_json::json!({ "message": message })).await;
        posted.expect("acknowledged");
    }
    assert!(server.stop().success());
    let output = team.run(&["export", "timelines", "-"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    output.stdout.lines().map(str::to_owned).collect()
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).expect("JSON")
}

fn is_entry(line: &str) -> bool {
    parsed(line)["type"] == "entry"
}

/// Asserts that the program reports a fault in one of the lines.
fn assert_reported(output: &CommandOutput, lines: &[usize], what: &str) {
    assert_eq!(output.code, Some(1), "{what}: {output:?}");
    let is_reported = lines.iter().any(|line| output.stdout.contains(&format!("line {line}: ")));
    assert!(is_reported, "{what}: no fault in the lines {lines:?}: {output:?}");
}

#[tokio::test]
async fn an_unchanged_export_is_whole() {
    let lines = exported().await;
    let output = check(&lines);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:?}");
    assert_eq!(output.stdout, "checked 4 timelines with 11 entries: all whole\n");
}

#[tokio::test]
async fn a_changed_byte_in_any_line_is_found() {
    const BYTES_PER_LINE: usize = 4;
    let lines = exported().await;
    let mut changed = 0;
    for (index, line) in lines.iter().enumerate() {
        // The seal does not cover the number of the incident.
        let unsealed =
            line.find("\"number\":\"").map(|at| at..at + line[at..].find(",\"timeline").expect("the next member"));
        let sealed: Vec<usize> =
            (0..line.len()).filter(|at| unsealed.as_ref().is_none_or(|n| !n.contains(at))).collect();
        for nth in 0..BYTES_PER_LINE {
            let at = sealed[(index * 7 + 3 + nth * sealed.len() / BYTES_PER_LINE) % sealed.len()];
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            // A byte that makes the line invalid UTF-8 is skipped.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let mut tampered = lines.clone();
            tampered[index] = text;
            let output = check(&tampered);
            assert_reported(&output, &[index + 1, index + 2], &format!("byte {at} of {line}"));
            changed += 1;
        }
    }
    assert!(changed > 40, "{changed} changes");
}

#[tokio::test]
async fn missing_and_swapped_lines_are_found() {
    let lines = exported().await;
    for index in (0..lines.len()).filter(|index| is_entry(&lines[*index])) {
        let mut without = lines.clone();
        without.remove(index);
        // If the last entry is missing, only the line of the incident shows it.
        let incident = lines[..index].iter().rposition(|line| !is_entry(line)).expect("an incident");
        assert_reported(&check(&without), &[index + 1, incident + 1], &format!("line {} removed", index + 1));
    }
    for index in 1..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(index - 1, index);
        let output = check(&swapped);
        assert_reported(&output, &[index, index + 1, index + 2], &format!("lines {index} and {} swapped", index + 1));
    }
    let twice = [lines.as_slice(), &lines[..3]].concat();
    assert_reported(&check(&twice), &[lines.len() + 1], "a repeated incident");
}

#[tokio::test]
async fn removed_last_entries_are_found_even_if_the_line_of_the_incident_was_adjusted() {
    let lines = exported().await;
    assert!(!is_entry(&lines[0]) && lines[1..6].iter().all(|line| is_entry(line)), "{lines:?}");
    let cut = |length: usize, seal: Option<&str>| {
        let mut incident = parsed(&lines[0]);
        incident["timeline_length"] = length.into();
        incident["timeline_hash"] = parsed(&lines[length])["hash"].clone();
        if let Some(seal) = seal {
            incident["timeline_seal"] = seal.into();
        }
        let mut left = lines.clone();
        left[0] = incident.to_string();
        left.drain(length + 1..=5);
        left
    };
    for length in 1..5 {
        let output = check(&cut(length, None));
        assert_reported(&output, &[1], "removed entries");
        assert!(output.stdout.contains("was not sealed with this key"), "{output:?}");
        let output = check(&cut(length, Some(&"00".repeat(32))));
        assert_reported(&output, &[1], "removed entries, without a seal");
        assert!(output.stdout.contains("carries no seal"), "{output:?}");
    }
    assert_eq!(check(&cut(5, None)).code, Some(0), "no entry is removed, and the line has the same content");
}

#[tokio::test]
async fn with_another_key_no_entry_matches_and_without_a_key_nothing_is_checked() {
    let export = exported().await.join("\n");
    let output = check_with("another key", &export);
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("is TIMELINE_KEY the key that they were sealed with?"), "{output:?}");
    assert_eq!(check_with_retired("another key", &format!("a third key, {KEY}"), &export).code, Some(0));
    assert_eq!(check_with("", &export).code, Some(2));
    assert_eq!(check_with(KEY, "").code, Some(2), "an empty export is an error");
}

#[test]
fn invalid_lines_are_reported_and_the_check_continues() {
    for line in ["", "{", "[]", "7", "null", "{\"type\":\"incident\"}", "{\"type\":\"entry\"}", "{\"type\":7}"] {
        let output = check(&[line.to_owned(), line.to_owned()]);
        assert_eq!((output.code, output.stderr.as_str()), (Some(1), ""), "{line}: {output:?}");
        assert!(output.stdout.starts_with("line 1: ") && output.stdout.contains("\nline 2: "), "{line}: {output:?}");
    }
}

#[test]
fn the_example_in_the_documentation_is_whole() {
    let page = fs::read_to_string(documentation("timeline.md")).expect("the page");
    let block = |after: &str, fence: &str| {
        let (_, rest) = page.split_once(after).expect(after);
        let (_, block) = rest.split_once(fence).expect("a block");
        block.split_once("\n```").expect("its end").0.to_owned()
    };
    let key = block("With the key", "```\n");
    let export = block("the export says:", "```text\n");
    let output = check_with(&key, &export);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), "checked 1 timelines with 3 entries: all whole\n"));
    assert_reported(&check_with(&key, &export.replace("größer", "kleiner")), &[4], "another message");
}
