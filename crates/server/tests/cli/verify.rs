//! `verify`: checks that no timeline was changed.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    api::Api,
    program::{CommandOutput, incident_server, run},
    sqlite,
    team::Team,
};

/// More incidents than are checked until a signal arrives.
const VERY_MANY: u32 = 100_000;

/// Opens three incidents, and returns their numbers.
async fn open_three_incidents(team: &Team) -> Vec<String> {
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let mut numbers = Vec::new();
    for title in ["one", "two", "three"] {
        numbers.push(api.open(title).await.expect("opened"));
    }
    assert!(server.stop().success());
    numbers
}

/// Returns the count with this name in the report.
fn count(output: &CommandOutput, name: &str) -> u64 {
    let of_line = |line: &str| line.trim().strip_prefix(name)?.trim().parse().ok();
    output.stdout.lines().find_map(of_line).unwrap_or_else(|| panic!("no {name:?}: {output:?}"))
}

fn edit_message_of(number: &str) -> String {
    let number = number.strip_prefix("INC-").expect("a number");
    format!(
        "UPDATE timeline_entries SET message = 'smaller' WHERE sequence = 2
         AND incident_id = (SELECT id FROM incidents WHERE number = {number})"
    )
}

#[tokio::test]
async fn a_changed_timeline_is_reported_while_a_server_runs() {
    let team = Team::new();
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let (first, second) = (api.open("one").await.expect("opened"), api.open("two").await.expect("opened"));
    let whole = team.run(&["verify"]);
    assert_eq!(
        (whole.code, whole.stderr.as_str()),
        (Some(0), ""),
        "there is no progress bar without a terminal: {whole:?}"
    );
    assert!(whole.stdout.starts_with("every timeline is whole\n"), "{whole:?}");
    assert_eq!((count(&whole, "timelines checked"), count(&whole, "entries that match")), (2, 4));

    sqlite::execute(&team.path().join("team.db"), &edit_message_of(&second)).await;
    let tampered = team.run(&["verify"]);
    assert_eq!((tampered.code, tampered.stderr.as_str()), (Some(4), ""), "{tampered:?}");
    let named: Vec<&str> = tampered.stdout.lines().filter(|line| line.contains("does not fit the chain")).collect();
    let [named] = named.as_slice() else { panic!("{tampered:?}") };
    assert!(named.starts_with(&second) && named.ends_with("entry 2 does not fit the chain"), "{named}");
    assert!(tampered.stdout.contains("\n1 timeline was changed\n"), "{tampered:?}");
    assert_eq!((count(&tampered, "timelines checked"), count(&tampered, "changed")), (2, 1));

    assert_eq!(team.run(&["verify", "--incident", &second]).code, Some(4));
    let one = team.run(&["verify", "--incident", &first]);
    assert_eq!((one.code, count(&one, "timelines checked")), (Some(0), 1), "{one:?}");
    let unknown = team.run(&["verify", "--incident", "INC-99999"]);
    assert_eq!((unknown.code, unknown.stderr.as_str()), (Some(1), "error: there is no such incident\n"));
    assert_eq!(team.run(&["verify", "--incident", "first"]).code, Some(2));
}

#[tokio::test]
async fn a_changed_incident_is_reported_even_if_the_report_cannot_be_written() {
    let team = Team::new();
    let numbers = open_three_incidents(&team).await;
    let number = numbers[1].strip_prefix("INC-").expect("a number");
    let close = format!("UPDATE incidents SET status = 'closed' WHERE number = {number}");
    sqlite::execute(&team.path().join("team.db"), &close).await;
    let changed = team.run(&["verify"]);
    assert_eq!((changed.code, count(&changed, "changed")), (Some(4), 1), "{changed:?}");
    assert!(changed.stdout.contains("status"), "{changed:?}");

    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let output = team.command(&["verify"]).stdout(full).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(!output.stderr.is_empty());
}

#[tokio::test]
async fn timelines_without_a_seal_are_sealed_once_and_the_audit_records_it() {
    let team = Team::new();
    open_three_incidents(&team).await;
    let database = team.path().join("team.db");
    sqlite::execute(&database, "UPDATE incidents SET timeline_seal = zeroblob(32)").await;
    let unsealed = team.run(&["verify"]);
    assert_eq!((unsealed.code, count(&unsealed, "only without a seal")), (Some(4), 3), "{unsealed:?}");
    assert!(unsealed.stdout.contains("incident-server verify --seal-unsealed"), "{unsealed:?}");

    let sealed = team.run(&["verify", "--seal-unsealed"]);
    assert_eq!((sealed.code, count(&sealed, "sealed now")), (Some(0), 3), "{sealed:?}");
    let actions = "SELECT count(*) FROM actions WHERE kind = 'timeline.seal' AND actor_kind = 'system'";
    assert_eq!(sqlite::number(&database, actions).await, 3);
    assert_eq!(team.run(&["verify"]).code, Some(0));
    assert_eq!(count(&team.run(&["verify", "--seal-unsealed"]), "sealed now"), 0);
}

#[tokio::test]
async fn an_unreadable_incident_is_reported_and_the_others_are_checked() {
    let team = Team::new();
    let numbers = open_three_incidents(&team).await;
    let database = team.path().join("team.db");
    let number = numbers[1].strip_prefix("INC-").expect("a number");
    sqlite::execute(&database, &format!("UPDATE incidents SET timeline_hash = 'gone' WHERE number = {number}")).await;
    let output = team.run(&["verify"]);
    assert_eq!((output.code, count(&output, "timelines checked"), count(&output, "changed")), (Some(4), 3, 1));
    assert!(output.stdout.contains("the incident's record cannot be read"), "{output:?}");
}

#[tokio::test]
async fn another_key_is_refused_and_without_a_check_value_the_report_suggests_the_cause() {
    let mut team = Team::new();
    open_three_incidents(&team).await;
    team.set("TIMELINE_KEY", "another timeline key that only tests know");
    let output = team.run(&["verify"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:?}");
    assert!(output.stderr.contains("TIMELINE_KEY is not the key that sealed"), "{output:?}");
    // A database that no server of this release has used yet.
    sqlite::execute(&team.path().join("team.db"), "DELETE FROM timeline_keys").await;
    let output = team.run(&["verify"]);
    assert_eq!((output.code, count(&output, "changed")), (Some(4), 3), "{output:?}");
    assert!(output.stdout.contains("is TIMELINE_KEY the key that the servers use?"), "{output:?}");
    team.set("TIMELINE_KEY", "");
    let output = team.run(&["verify"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.starts_with("error: TIMELINE_KEY is not set"), "{output:?}");
}

#[test]
fn a_missing_database_is_an_error() {
    let folder = TempDir::new().expect("a temporary folder");
    let key = ("TIMELINE_KEY", "a timeline key that only tests know");
    let unavailable = run(folder.path(), &["verify"], &[key, ("DATABASE_URL", "postgres://ada@127.0.0.1:1/missing")]);
    assert_eq!((unavailable.code, unavailable.stdout.as_str()), (Some(1), ""), "{unavailable:?}");
    let without_schema = run(folder.path(), &["verify"], &[key, ("DATABASE_URL", "sqlite://empty.db")]);
    assert_eq!(without_schema.code, Some(3), "{without_schema:?}");
    let no_folder = run(folder.path(), &["verify", "--data", "nowhere"], &[]);
    assert_eq!(no_folder.code, Some(2), "{no_folder:?}");
    assert!(no_folder.stderr.contains("nowhere/incident-server.toml"), "{no_folder:?}");
    let both = run(folder.path(), &["verify", "--data", "nowhere", "--config", "mine.toml"], &[]);
    assert_eq!(both.code, Some(1), "{both:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a temporary folder").count(), 0, "no file was created");
}

#[test]
fn the_embedded_database_in_the_default_folder_is_found() {
    let folder = TempDir::new().expect("a temporary folder");
    let quickstart = crate::program::Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    for arguments in [&["verify"][..], &["verify", "--data", "data"]] {
        let output = run(folder.path(), arguments, &[]);
        assert_eq!((output.code, count(&output, "timelines checked")), (Some(0), 0), "{output:?}");
    }
    drop(quickstart);
}

/// The test does not read the pipe, so that the check blocks before it is complete.
#[tokio::test]
async fn ctrl_c_stops_a_check_that_reports_its_findings_so_far() {
    let team = Team::new();
    open_three_incidents(&team).await;
    sqlite::multiply_incidents(&team.path().join("team.db"), VERY_MANY).await;
    let mut check =
        team.command(&["verify"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let mut stdout = BufReader::new(check.stdout.take().expect("a pipe"));
    let mut first = String::new();
    stdout.read_line(&mut first).expect("a line");
    assert!(first.contains("has 0 entries"), "{first}");
    let sent = Command::new("kill").args(["-INT", &check.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("text");
    let report = rest.lines().find(|line| line.ends_with("timelines were changed")).expect("a report");
    assert!(report.starts_with("interrupted: "), "{report}");
    assert_eq!(check.wait().expect("an exit status").code(), Some(4), "a changed timeline outweighs the interruption");
}
