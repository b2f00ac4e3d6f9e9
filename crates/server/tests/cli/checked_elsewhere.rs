//! An export, checked by the program that stands in the documentation and by nothing of ours.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{api::Api, program::Said, team::Team};

const KEY: &str = "a timeline key that only tests know";

fn documentation(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file)
}

/// What the program says about an export.
fn check_with(key: &str, export: &str) -> Said {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("timelines.jsonl");
    fs::write(&file, export).expect("written");
    let program = documentation("check_timelines.py");
    let check = Command::new("python3").arg(program).arg(file).env("TIMELINE_KEY", key).output();
    let output = check.expect("python3 is needed to check an export without this program");
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn check(lines: &[String]) -> Said {
    check_with(KEY, &(lines.join("\n") + "\n"))
}

/// The lines of an export of three incidents, one of which has a longer timeline.
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
    let said = team.run(&["export", "timelines", "-"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    said.stdout.lines().map(str::to_owned).collect()
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).expect("JSON")
}

fn is_entry(line: &str) -> bool {
    parsed(line)["type"] == "entry"
}

/// The fault is told, with the line where it shows.
fn assert_named(said: &Said, lines: &[usize], what: &str) {
    assert_eq!(said.code, Some(1), "{what}: {said:?}");
    let named = lines.iter().any(|line| said.stdout.contains(&format!("line {line}: ")));
    assert!(named, "{what}: none of the lines {lines:?} is named: {said:?}");
}

#[tokio::test]
async fn a_whole_export_is_whole_for_others_too() {
    let lines = exported().await;
    let said = check(&lines);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.stdout, "checked 4 timelines with 11 entries: all whole\n");
}

#[tokio::test]
async fn a_byte_that_was_changed_in_any_line_is_found() {
    const BYTES_PER_LINE: usize = 4;
    let lines = exported().await;
    let mut changed = 0;
    for (index, line) in lines.iter().enumerate() {
        // The number is for people, and not sealed.
        let unsealed = line.find("\"number\":\"").map(|at| at..at + line[at..].find(",\"timeline").expect("more"));
        let sealed: Vec<usize> =
            (0..line.len()).filter(|at| unsealed.as_ref().is_none_or(|n| !n.contains(at))).collect();
        for nth in 0..BYTES_PER_LINE {
            let at = sealed[(index * 7 + 3 + nth * sealed.len() / BYTES_PER_LINE) % sealed.len()];
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            // What is no text any more is no line of an export either; here it has to be one to be written.
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let mut tampered = lines.clone();
            tampered[index] = text;
            let said = check(&tampered);
            assert_named(&said, &[index + 1, index + 2], &format!("byte {at} of {line}"));
            changed += 1;
        }
    }
    assert!(changed > 40, "{changed} changes");
}

#[tokio::test]
async fn lines_that_are_missing_or_in_another_order_are_found() {
    let lines = exported().await;
    for index in (0..lines.len()).filter(|index| is_entry(&lines[*index])) {
        let mut without = lines.clone();
        without.remove(index);
        // Where the last one is missing, only the incident's line tells.
        let incident = lines[..index].iter().rposition(|line| !is_entry(line)).expect("an incident");
        assert_named(&check(&without), &[index + 1, incident + 1], &format!("line {} removed", index + 1));
    }
    for index in 1..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(index - 1, index);
        let said = check(&swapped);
        assert_named(&said, &[index, index + 1, index + 2], &format!("lines {index} and {} swapped", index + 1));
    }
    let twice = [lines.as_slice(), &lines[..3]].concat();
    assert_named(&check(&twice), &[lines.len() + 1], "an incident twice");
}

#[tokio::test]
async fn a_cut_tail_is_found_although_the_incidents_line_was_made_to_fit() {
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
        let said = check(&cut(length, None));
        assert_named(&said, &[1], "a cut tail");
        assert!(said.stdout.contains("was not sealed with this key"), "{said:?}");
        let said = check(&cut(length, Some(&"00".repeat(32))));
        assert_named(&said, &[1], "a cut tail without a seal");
        assert!(said.stdout.contains("carries no seal"), "{said:?}");
    }
    assert_eq!(check(&cut(5, None)).code, Some(0), "nothing is cut, and the line is written anew");
}

#[tokio::test]
async fn another_key_fits_nothing_and_without_one_nothing_is_checked() {
    let export = exported().await.join("\n");
    let said = check_with("another key", &export);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("is TIMELINE_KEY the key that they were sealed with?"), "{said:?}");
    assert_eq!(check_with("", &export).code, Some(2));
    assert_eq!(check_with(KEY, "").code, Some(2), "nothing is neither whole nor faulty");
}

#[test]
fn lines_that_are_none_are_named_and_end_nothing() {
    for line in ["", "{", "[]", "7", "null", "{\"type\":\"incident\"}", "{\"type\":\"entry\"}", "{\"type\":7}"] {
        let said = check(&[line.to_owned(), line.to_owned()]);
        assert_eq!((said.code, said.stderr.as_str()), (Some(1), ""), "{line}: {said:?}");
        assert!(said.stdout.starts_with("line 1: ") && said.stdout.contains("\nline 2: "), "{line}: {said:?}");
    }
}

#[test]
fn the_worked_example_of_the_documentation_is_whole() {
    let page = fs::read_to_string(documentation("timeline.md")).expect("the page");
    let block = |after: &str, fence: &str| {
        let (_, rest) = page.split_once(after).expect(after);
        let (_, block) = rest.split_once(fence).expect("a block");
        block.split_once("\n```").expect("its end").0.to_owned()
    };
    let key = block("With the key", "```\n");
    let export = block("the export says:", "```text\n");
    let said = check_with(&key, &export);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), "checked 1 timelines with 3 entries: all whole\n"));
    assert_named(&check_with(&key, &export.replace("größer", "kleiner")), &[4], "another message");
}
