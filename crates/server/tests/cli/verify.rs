//! `verify`: whether every timeline is what it was.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    api::Api,
    program::{Said, incident_server, run},
    sqlite,
    team::Team,
};

/// More than anybody prints or checks in the time that a signal takes.
const VERY_MANY: u32 = 100_000;

/// Three incidents on a server that has stopped; their numbers.
async fn three_incidents(team: &Team) -> Vec<String> {
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let mut numbers = Vec::new();
    for title in ["one", "two", "three"] {
        numbers.push(api.open(title).await.expect("opened"));
    }
    assert!(server.stop().success());
    numbers
}

/// The number that stands beside a name in the report.
fn count(said: &Said, name: &str) -> u64 {
    let of_line = |line: &str| line.trim().strip_prefix(name)?.trim().parse().ok();
    said.stdout.lines().find_map(of_line).unwrap_or_else(|| panic!("no {name:?}: {said:?}"))
}

fn edit_message_of(number: &str) -> String {
    let number = number.strip_prefix("INC-").expect("a number");
    format!(
        "UPDATE timeline_entries SET message = 'smaller' WHERE sequence = 2
         AND incident_id = (SELECT id FROM incidents WHERE number = {number})"
    )
}

#[tokio::test]
async fn a_timeline_that_is_not_what_it_was_is_named_beside_a_running_server() {
    let team = Team::new();
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let (first, second) = (api.open("one").await.expect("opened"), api.open("two").await.expect("opened"));
    let whole = team.run(&["verify"]);
    assert_eq!((whole.code, whole.stderr.as_str()), (Some(0), ""), "nobody watches a progress bar here: {whole:?}");
    assert!(whole.stdout.starts_with("every timeline is whole\n"), "{whole:?}");
    assert_eq!((count(&whole, "timelines checked"), count(&whole, "entries that fit")), (2, 4));

    sqlite::execute(&team.path().join("team.db"), &edit_message_of(&second)).await;
    let tampered = team.run(&["verify"]);
    assert_eq!((tampered.code, tampered.stderr.as_str()), (Some(4), ""), "{tampered:?}");
    let named: Vec<&str> = tampered.stdout.lines().filter(|line| line.contains("does not fit the chain")).collect();
    let [named] = named.as_slice() else { panic!("{tampered:?}") };
    assert!(named.starts_with(&second) && named.ends_with("entry 2 does not fit the chain"), "{named}");
    assert!(tampered.stdout.contains("\n1 timeline is not what it was\n"), "{tampered:?}");
    assert_eq!((count(&tampered, "timelines checked"), count(&tampered, "not what they were")), (2, 1));

    assert_eq!(team.run(&["verify", "--incident", &second]).code, Some(4));
    let one = team.run(&["verify", "--incident", &first]);
    assert_eq!((one.code, count(&one, "timelines checked")), (Some(0), 1), "{one:?}");
    let nobodys = team.run(&["verify", "--incident", "INC-99999"]);
    assert_eq!((nobodys.code, nobodys.stderr.as_str()), (Some(1), "error: there is no such incident\n"));
    assert_eq!(team.run(&["verify", "--incident", "first"]).code, Some(2));
}

#[tokio::test]
async fn ends_that_were_never_sealed_are_sealed_once_and_that_is_in_the_audit() {
    let team = Team::new();
    three_incidents(&team).await;
    let database = team.path().join("team.db");
    sqlite::execute(&database, "UPDATE incidents SET timeline_seal = zeroblob(32)").await;
    let unsealed = team.run(&["verify"]);
    assert_eq!((unsealed.code, count(&unsealed, "but for a seal")), (Some(4), 3), "{unsealed:?}");
    assert!(unsealed.stdout.contains("incident-server verify --seal-unsealed"), "{unsealed:?}");

    let sealed = team.run(&["verify", "--seal-unsealed"]);
    assert_eq!((sealed.code, count(&sealed, "sealed now")), (Some(0), 3), "{sealed:?}");
    let actions = "SELECT count(*) FROM actions WHERE kind = 'timeline.seal' AND actor_kind = 'system'";
    assert_eq!(sqlite::number(&database, actions).await, 3);
    assert_eq!(team.run(&["verify"]).code, Some(0));
    assert_eq!(count(&team.run(&["verify", "--seal-unsealed"]), "sealed now"), 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_found_and_the_rest_is_checked_all_the_same() {
    let team = Team::new();
    let numbers = three_incidents(&team).await;
    let database = team.path().join("team.db");
    let number = numbers[1].strip_prefix("INC-").expect("a number");
    sqlite::execute(&database, &format!("UPDATE incidents SET timeline_hash = 'gone' WHERE number = {number}")).await;
    let said = team.run(&["verify"]);
    assert_eq!((said.code, count(&said, "timelines checked"), count(&said, "not what they were")), (Some(4), 3, 1));
    assert!(said.stdout.contains("the incident's record cannot be read"), "{said:?}");
}

#[tokio::test]
async fn another_key_fits_nothing_and_the_report_says_what_may_be_wrong() {
    let mut team = Team::new();
    three_incidents(&team).await;
    team.set("TIMELINE_KEY", "another timeline key that only tests know");
    let said = team.run(&["verify"]);
    assert_eq!((said.code, count(&said, "not what they were")), (Some(4), 3), "{said:?}");
    assert!(said.stdout.contains("is TIMELINE_KEY the key that the servers use?"), "{said:?}");
    team.set("TIMELINE_KEY", "");
    let said = team.run(&["verify"]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.starts_with("error: TIMELINE_KEY is not set"), "{said:?}");
}

#[test]
fn a_database_that_is_not_there_says_nothing_about_timelines() {
    let folder = TempDir::new().expect("a folder");
    let key = ("TIMELINE_KEY", "a timeline key that only tests know");
    let away = run(folder.path(), &["verify"], &[key, ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    assert_eq!((away.code, away.stdout.as_str()), (Some(1), ""), "{away:?}");
    let without_schema = run(folder.path(), &["verify"], &[key, ("DATABASE_URL", "sqlite://empty.db")]);
    assert_eq!(without_schema.code, Some(3), "{without_schema:?}");
    let nowhere = run(folder.path(), &["verify", "--data", "nowhere"], &[]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(nowhere.stderr.contains("nowhere/incident-server.toml"), "{nowhere:?}");
    let both = run(folder.path(), &["verify", "--data", "nowhere", "--config", "mine.toml"], &[]);
    assert_eq!(both.code, Some(1), "{both:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made");
}

#[test]
fn the_embedded_database_in_the_default_folder_is_found() {
    let folder = TempDir::new().expect("a folder");
    let quickstart = crate::program::Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    for arguments in [&["verify"][..], &["verify", "--data", "data"]] {
        let said = run(folder.path(), arguments, &[]);
        assert_eq!((said.code, count(&said, "timelines checked")), (Some(0), 0), "{said:?}");
    }
    drop(quickstart);
}

/// The pipe is full long before all is told, so that the check waits in the middle of its work.
#[tokio::test]
async fn ctrl_c_stops_a_check_that_says_how_far_it_came_and_still_what_it_found() {
    let team = Team::new();
    three_incidents(&team).await;
    sqlite::multiply_incidents(&team.path().join("team.db"), VERY_MANY).await;
    let mut check = team.command(&["verify"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut stdout = BufReader::new(check.stdout.take().expect("a pipe"));
    let mut first = String::new();
    stdout.read_line(&mut first).expect("a line");
    assert!(first.contains("has 0 entries"), "{first}");
    let sent = Command::new("kill").args(["-INT", &check.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("text");
    let report = rest.lines().find(|line| line.ends_with("timelines are not what they were")).expect("a report");
    assert!(report.starts_with("interrupted: "), "{report}");
    assert_eq!(check.wait().expect("it ends").code(), Some(4), "what was found counts more than how it ended");
}
