//! `export timelines`: what is taken elsewhere.

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
async fn an_export_has_a_line_for_each_incident_and_entry_and_needs_no_key() {
    let (mut team, numbers) = with_incidents(3).await;
    team.set("TIMELINE_KEY", "");
    let said = team.run(&["export", "timelines", "out.jsonl"]);
    let expected = "exported 3 timelines with 6 entries to out.jsonl\n";
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), expected, ""));
    let file = team.path().join("out.jsonl");
    let text = fs::read_to_string(&file).expect("text");
    let exported: Vec<Value> = lines(&text).into_iter().filter(|line| line["type"] == "incident").collect();
    let exported: Vec<&str> = exported.iter().map(|line| line["number"].as_str().expect("a number")).collect();
    assert!(exported.iter().eq(numbers.iter().rev()), "{exported:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds what people wrote");
    }

    let to_stdout = team.run(&["export", "timelines", "-"]);
    assert_eq!((to_stdout.code, to_stdout.stdout.as_str()), (Some(0), text.as_str()));
    let one = team.run(&["export", "timelines", "-", "--incident", &numbers[1]]);
    assert_eq!(lines(&one.stdout).len(), 3, "{one:?}");
    assert!(text.contains(&one.stdout), "it is a part of the whole");
}

#[tokio::test]
async fn what_is_there_is_not_written_over_and_what_fails_leaves_nothing_behind() {
    let (team, numbers) = with_incidents(2).await;
    fs::write(team.path().join("mine.jsonl"), "mine").expect("written");
    let said = team.run(&["export", "timelines", "mine.jsonl"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(1), "error: mine.jsonl exists already\n"));
    assert_eq!(fs::read_to_string(team.path().join("mine.jsonl")).expect("text"), "mine");

    let number = numbers[0].strip_prefix("INC-").expect("a number");
    let spoil = format!("UPDATE incidents SET timeline_length = -1 WHERE number = {number}");
    sqlite::execute(&team.path().join("team.db"), &spoil).await;
    let said = team.run(&["export", "timelines", "out.jsonl"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("cannot be exported"), "{said:?}");
    assert!(!team.path().join("out.jsonl").exists(), "half an export is none");
}

/// Nobody reads the pipe, so that the export waits in the middle of its work.
#[tokio::test]
async fn ctrl_c_stops_an_export() {
    let (team, _) = with_incidents(1).await;
    sqlite::multiply_incidents(&team.path().join("team.db"), 100_000).await;
    let mut export = team.command(&["export", "timelines", "-"]);
    let mut export = export.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut stdout = BufReader::new(export.stdout.take().expect("a pipe"));
    stdout.read_line(&mut String::new()).expect("a line");
    let sent = Command::new("kill").args(["-INT", &export.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("text");
    assert_eq!(export.wait().expect("it ends").code(), Some(130));
    assert!(rest.lines().count() < 100_000, "it was not stopped");
}
