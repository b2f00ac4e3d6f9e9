//! The key that seals timelines must be that of the database, and can be replaced.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
};

use incident_test_support::PostgresDatabase;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    api::Api,
    program::{CommandOutput, Server, incident_server, run},
    sqlite,
    team::{Team, sign_in},
};

const FIRST_KEY: &str = "a timeline key that only tests know";
const SECOND_KEY: &str = "another timeline key that only tests know";
const THIRD_KEY: &str = "one more timeline key that only tests know";

/// Opens an incident, and returns its number.
async fn open_incident(team: &Team) -> String {
    let server = team.serve();
    let number = Api::sign_in(&server, &team.password).await.open("sealed").await.expect("opened");
    assert!(server.stop().success());
    number
}

/// Asserts that a command refused the configuration without showing a key, and returns what it said.
fn refusal(output: &CommandOutput) -> &str {
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:?}");
    for key in [FIRST_KEY, SECOND_KEY, THIRD_KEY] {
        assert!(!output.stderr.contains(key), "{output:?}");
    }
    output.stderr.lines().last().expect("an error")
}

fn use_keys(team: &mut Team, key: &str, retired: &str) {
    team.set("TIMELINE_KEY", key);
    team.set("TIMELINE_KEYS_RETIRED", retired);
}

#[tokio::test]
async fn quickstart_refuses_a_database_whose_settings_file_is_gone() {
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = ["quickstart", "--data", "d", "--port", "0"];
    let server = Server::start(incident_server(folder.path(), &arguments));
    let email = server.greeted_with("admin email").expect("an address").to_owned();
    let password = server.greeted_with("admin password").expect("a password").to_owned();
    let (_, body) = crate::team::sign_in_as(&server, &email, &password).await;
    let token = body["access_token"].as_str().expect("a token").to_owned();
    Api::with_token(&server, token).open("sealed").await.expect("opened");
    assert!(server.stop().success());

    let (settings, elsewhere) = (folder.path().join("d/incident-server.toml"), folder.path().join("elsewhere.toml"));
    fs::rename(&settings, &elsewhere).expect("moved");
    for arguments in [&arguments[..], &["seed", "--data", "d", "--incidents", "1"]] {
        let output = run(folder.path(), arguments, &[]);
        let said = refusal(&output);
        assert!(said.starts_with("error: d/incidents.db exists without its settings file"), "{said}");
        assert!(said.contains("put the settings file back"), "{said}");
        assert!(!settings.exists(), "no new keys were made");
    }

    fs::rename(&elsewhere, &settings).expect("moved");
    let again = Server::start(incident_server(folder.path(), &arguments));
    assert!(again.stop().success());
    assert_eq!(run(folder.path(), &["verify", "--data", "d"], &[]).code, Some(0));

    // The settings file is there, but the environment overrides its key.
    let other = [("TIMELINE_KEY", SECOND_KEY)];
    let said = run(folder.path(), &arguments, &other);
    assert!(refusal(&said).contains("TIMELINE_KEY is not the key"), "{said:?}");
}

#[tokio::test]
async fn every_command_that_seals_or_verifies_refuses_another_key() {
    let mut team = Team::new();
    open_incident(&team).await;
    team.set("TIMELINE_KEY", SECOND_KEY);
    let commands: [&[&str]; 3] = [&["serve", "--port", "0"], &["seed", "--incidents", "1"], &["verify"]];
    for command in commands {
        let output = team.run(command);
        let said = refusal(&output);
        assert!(said.starts_with("error: TIMELINE_KEY is not the key that sealed"), "{command:?}: {said}");
        assert!(said.contains("TIMELINE_KEYS_RETIRED"), "{command:?}: {said}");
    }
    let incidents = sqlite::number(&team.path().join("team.db"), "SELECT count(*) FROM incidents").await;
    assert_eq!(incidents, 1, "nothing was written");

    team.set("TIMELINE_KEY", FIRST_KEY);
    assert_eq!(team.run(&["verify"]).code, Some(0));
}

#[tokio::test]
async fn a_database_of_an_earlier_release_accepts_only_the_key_of_its_newest_seal() {
    let mut team = Team::new();
    let number = open_incident(&team).await;
    let database = team.path().join("team.db");
    for earlier in ["UPDATE incidents SET version = version", "UPDATE incidents SET timeline_seal = zeroblob(32)"] {
        sqlite::execute(&database, "DELETE FROM timeline_keys").await;
        sqlite::execute(&database, earlier).await;
        team.set("TIMELINE_KEY", SECOND_KEY);
        let output = team.run(&["serve", "--port", "0"]);
        let said = refusal(&output);
        assert!(said.contains(&format!("does not fit the newest timeline of this database, of {number}")), "{said}");
        assert_eq!(sqlite::number(&database, "SELECT count(*) FROM timeline_keys").await, 0);

        team.set("TIMELINE_KEY", FIRST_KEY);
        assert!(team.serve().stop().success());
        assert_eq!(sqlite::number(&database, "SELECT count(*) FROM timeline_keys").await, 1);
        team.set("TIMELINE_KEY", SECOND_KEY);
        assert!(refusal(&team.run(&["serve", "--port", "0"])).contains("is not the key"));
    }
}

#[tokio::test]
async fn the_key_is_replaced_and_earlier_timelines_are_still_verified() {
    let mut team = Team::new();
    let number = open_incident(&team).await;

    use_keys(&mut team, SECOND_KEY, FIRST_KEY);
    let said = team.run(&["serve", "--port", "0"]);
    assert!(refusal(&said).contains("run `incident-server timeline-key change`"), "{said:?}");
    assert_eq!(team.run(&["verify"]).code, Some(0), "verification needs no key that seals");
    use_keys(&mut team, SECOND_KEY, THIRD_KEY);
    assert!(refusal(&team.run(&["timeline-key", "change"])).contains("is not the key"));

    use_keys(&mut team, SECOND_KEY, FIRST_KEY);
    let changed = team.run(&["timeline-key", "change"]);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    assert!(changed.stdout.starts_with("the database accepts the new TIMELINE_KEY\n"), "{changed:?}");
    let again = team.run(&["timeline-key", "change"]);
    assert_eq!((again.code, again.stdout.starts_with("nothing to do")), (Some(0), true), "{again:?}");

    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let comment = json!({"message": "sealed with the new key"});
    api.post(&format!("/incidents/{number}/logs"), comment).await.expect("a comment");
    api.open("sealed with the new key only").await.expect("opened");
    let (_, verdict) = api.get(&format!("/incidents/{number}/logs/verify")).await;
    assert_eq!(verdict["verdict"], "whole", "{verdict}");
    assert!(server.stop().success());
    assert_eq!(team.run(&["verify"]).code, Some(0));

    for (key, retired) in [(SECOND_KEY, ""), (FIRST_KEY, ""), (SECOND_KEY, THIRD_KEY)] {
        use_keys(&mut team, key, retired);
        for command in [&["serve", "--port", "0"][..], &["verify"], &["timeline-key", "change"]] {
            let output = team.run(command);
            assert!(refusal(&output).contains("TIMELINE_KEYS_RETIRED lacks a key"), "{output:?}");
        }
    }
    // Replicas that still seal with the first key know the second one.
    use_keys(&mut team, FIRST_KEY, SECOND_KEY);
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    let comment = json!({"message": "sealed with the old key"});
    api.post(&format!("/incidents/{number}/logs"), comment).await.expect("a comment");
    assert!(server.stop().success());
    use_keys(&mut team, SECOND_KEY, FIRST_KEY);
    assert_eq!(team.run(&["verify"]).code, Some(0));
}

#[tokio::test]
async fn a_server_that_meets_its_database_late_is_not_ready_with_another_key() {
    let mut team = Team::with_database("sqlite://team.db");
    team.set("TIMELINE_KEY", SECOND_KEY);
    let server = team.serve();
    use_keys(&mut team, FIRST_KEY, "");
    // The server would add its own key to an empty database, so it meets one that has timelines.
    team.set("DATABASE_URL", "sqlite://made.db");
    assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
    assert_eq!(team.run(&["seed", "--incidents", "1"]).code, Some(0));
    fs::rename(team.path().join("made.db"), team.path().join("team.db")).expect("moved");
    let ready = reqwest::get(format!("{}/health/ready", server.url)).await.expect("a response");
    assert_eq!(ready.status(), 503);
    let problem: serde_json::Value = ready.json().await.expect("JSON");
    assert_eq!(problem["code"], "timeline_key_mismatch", "{problem}");
    let detail = problem["detail"].as_str().expect("text");
    assert!(detail.starts_with("TIMELINE_KEY is not the key") && !detail.contains(SECOND_KEY), "{detail}");
    assert_eq!(sign_in(&server, "wrong").await.0, 503, "it writes nothing");
}

/// Starts two servers with different keys at once on a new database, and asserts that one of them serves and the other
/// ends with what to do.
fn one_of_two_keys_wins(database_url: &str) {
    let mut team = Team::with_database(database_url);
    assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
    let mut start = |key: &str| {
        team.set("TIMELINE_KEY", key);
        let mut command = team.command(&["serve", "--port", "0"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
        thread::spawn(move || {
            let mut child = child;
            let mut line = String::new();
            BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
            if line.starts_with("listening on ") {
                child.kill().expect("it runs");
                child.wait().expect("an exit status");
                return None;
            }
            child.wait().expect("an exit status").code()
        })
    };
    let started = [start(FIRST_KEY), start(SECOND_KEY)];
    let mut codes = started.map(|server| server.join().expect("an outcome"));
    codes.sort_unstable();
    assert_eq!(codes, [None, Some(2)]);
}

#[test]
fn of_two_servers_with_different_keys_that_start_at_once_one_serves() {
    for _ in 0..5 {
        one_of_two_keys_wins("sqlite://new.db");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_one_of_two_servers_with_different_keys_serves() {
    for _ in 0..5 {
        let database = PostgresDatabase::create().await;
        one_of_two_keys_wins(database.url());
    }
}
