//! `--set NAME=VALUE`: a flag for every setting that is no secret.

use tempfile::TempDir;

use crate::program::{Said, Server, incident_server, run};

const SECRETS: [(&str, &str); 2] =
    [("SECRET_KEY", "a secret key that only tests know of"), ("TIMELINE_KEY", "a timeline key that only tests know")];

fn checked(arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let folder = TempDir::new().expect("a folder");
    run(folder.path(), arguments, &[&SECRETS[..], environment].concat())
}

fn value(said: &Said, name: &str) -> Option<String> {
    let prefix = format!("{name} = ");
    said.stdout.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

#[test]
fn a_flag_for_every_setting_is_over_the_environment_wherever_it_stands() {
    for arguments in [
        &["config", "check", "--set", "api_port=1", "--set", "LOG_LEVEL=warn"][..],
        &["--set", "api_port=1", "--set", "LOG_LEVEL=warn", "config", "check"],
        &["config", "--set=api_port=1", "--set=LOG_LEVEL=warn", "check"],
    ] {
        let said = checked(arguments, &[("API_PORT", "2"), ("LOG_FORMAT", "json")]);
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        let shown = ["API_PORT", "LOG_LEVEL", "LOG_FORMAT"].map(|name| value(&said, name));
        assert_eq!(shown, ["1", "warn", "json"].map(|value| Some(value.to_owned())), "{arguments:?}");
    }
}

#[test]
fn what_does_not_fit_is_told_as_it_is_of_other_sources() {
    for (given, error) in [
        ("API_PORT=70000", "error: API_PORT must be a number from 0 to 65535; 0 takes a free port\n"),
        ("API_PROT=1", "error: --set: there is no setting API_PROT; known are: API_HOST"),
        ("hunter2", "error: --set takes NAME=VALUE"),
        ("SECRET_KEY=hunter2", "error: --set: SECRET_KEY would hold a secret"),
        ("DATABASE_URL=postgres://ada:hunter2@localhost/x", "error: --set: DATABASE_URL would hold a secret"),
    ] {
        for command in [&["config", "check"][..], &["migrate", "status"]] {
            let said = checked(&[command, &["--set", given]].concat(), &[]);
            assert_eq!(said.code, Some(2), "{command:?} {given}: {said:?}");
            assert!(said.stderr.starts_with(error), "{command:?} {given}: {said:?}");
            assert!(!said.stderr.contains("hunter2"), "{said:?}");
        }
    }
}

#[test]
fn an_embedded_database_takes_flags_too_but_not_for_its_address() {
    let folder = TempDir::new().expect("a folder");
    let quickstart = ["quickstart", "--port", "0", "--set", "API_HOST=127.0.0.2", "--set", "API_PORT=1"];
    let server = Server::start(incident_server(folder.path(), &quickstart));
    assert!(server.url.starts_with("http://127.0.0.2:"), "{}", server.url);
    assert!(!server.url.ends_with(":1"), "a flag of its own is over it: {}", server.url);
    drop(server);
    let moved = run(folder.path(), &["verify", "--data", "data", "--set", "DATABASE_URL=sqlite://other.db"], &[]);
    assert_eq!(moved.code, Some(1), "{moved:?}");
    assert!(moved.stderr.contains("leave --set DATABASE_URL out"), "{moved:?}");
}
