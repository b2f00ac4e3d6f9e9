//! `export timelines`: writes timelines as JSON Lines.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{api::Api, sqlite, team::Team};

async fn with_incidents(count: usize) -> (Team, Vec<String>) {
    let team = Team::new();
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let mut numbers = Vec::new();
    for n in 0..count {
        numbers.push(api.open(&format!("incident {n}")).await.expect("opened"));
    }
    assert!(server.stop().success());
    (team, numbers)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn an_export_has_a_line_per_incident_and_entry_and_needs_no_key() {
    let (mut team, numbers) = with_incidents(3).await;
    team.set("TIMELINE_KEY", "");
    let output = team.run(&["export", "timelines", "out.jsonl"]);
    let expected = "exported 3 timelines with 6 entries to out.jsonl\n";
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (Some(0), expected, ""));
    let file = team.path().join("out.jsonl");
    let text = fs::read_to_string(&file).expect("text");
    let exported: Vec<Value> = lines(&text).into_iter().filter(|line| line["type"] == "incident").collect();
    let exported: Vec<&str> = exported.iter().map(|line| line["number"].as_str().expect("a number")).collect();
    assert!(exported.iter().eq(numbers.iter().rev()), "{exported:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only the owner can read it");
    }

    let to_stdout = team.run(&["export", "timelines", "-"]);
    assert_eq!((to_stdout.code, to_stdout.stdout.as_str()), (Some(0), text.as_str()));
    let one = team.run(&["export", "timelines", "-", "--incident", &numbers[1]]);
    assert_eq!(lines(&one.stdout).len(), 3, "{one:?}");
    assert!(text.contains(&one.stdout), "one timeline is a part of the whole export");
}

#[tokio::test]
async fn an_existing_file_is_not_overwritten_and_a_failed_export_leaves_no_file() {
    let (team, numbers) = with_incidents(2).await;
    fs::write(team.path().join("mine.jsonl"), "mine").expect("written");
    let output = team.run(&["export", "timelines", "mine.jsonl"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(1), "error: mine.jsonl exists already\n"));
    assert_eq!(fs::read_to_string(team.path().join("mine.jsonl")).expect("text"), "mine");

    let number = numbers[0].strip_prefix("INC-").expect("a number");
    let corrupt = format!("UPDATE incidents SET timeline_length = -1 WHERE number = {number}");
    sqlite::execute(&team.path().join("team.db"), &corrupt).await;
    let output = team.run(&["export", "timelines", "out.jsonl"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("cannot be exported"), "{output:?}");
    assert!(!team.path().join("out.jsonl").exists(), "the incomplete file was removed");
}

/// The test does not read the pipe, so that the export blocks before it is complete.
#[tokio::test]
async fn ctrl_c_stops_an_export() {
    let (team, _) = with_incidents(1).await;
    sqlite::multiply_incidents(&team.path().join("team.db"), 100_000).await;
    let mut export = team.command(&["export", "timelines", "-"]);
    let mut export = export.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let mut stdout = BufReader::new(export.stdout.take().expect("a pipe"));
    stdout.read_line(&mut String::new()).expect("a line");
    let sent = Command::new("kill").args(["-INT", &export.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("text");
    assert_eq!(export.wait().expect("an exit status").code(), Some(130));
    assert!(rest.lines().count() < 100_000, "the export was not interrupted");
}
