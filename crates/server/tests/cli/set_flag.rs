//! `--set NAME=VALUE`: a flag for every setting that is not secret.

use tempfile::TempDir;

use crate::program::{CommandOutput, Server, incident_server, run};

const SECRETS: [(&str, &str); 2] =
    [("SECRET_KEY", "a secret key that only tests know of"), ("TIMELINE_KEY", "a timeline key that only tests know")];

fn checked(arguments: &[&str], environment: &[(&str, &str)]) -> CommandOutput {
    let folder = TempDir::new().expect("a temporary folder");
    run(folder.path(), arguments, &[&SECRETS[..], environment].concat())
}

fn value(output: &CommandOutput, name: &str) -> Option<String> {
    let prefix = format!("{name} = ");
    output.stdout.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

#[test]
fn set_overrides_the_environment_at_any_position() {
    for arguments in [
        &["config", "check", "--set", "api_port=1", "--set", "LOG_LEVEL=warn"][..],
        &["--set", "api_port=1", "--set", "LOG_LEVEL=warn", "config", "check"],
        &["config", "--set=api_port=1", "--set=LOG_LEVEL=warn", "check"],
    ] {
        let output = checked(arguments, &[("API_PORT", "2"), ("LOG_FORMAT", "json")]);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output:?}");
        let shown = ["API_PORT", "LOG_LEVEL", "LOG_FORMAT"].map(|name| value(&output, name));
        assert_eq!(shown, ["1", "warn", "json"].map(|value| Some(value.to_owned())), "{arguments:?}");
    }
}

#[test]
fn invalid_arguments_of_set_are_refused_by_every_command() {
    for (given, error) in [
        ("API_PORT=70000", "error: API_PORT must be a number from 0 to 65535; 0 takes a free port\n"),
        ("API_PROT=1", "error: --set: there is no setting API_PROT; known are: API_HOST"),
        ("hunter2", "error: --set takes NAME=VALUE"),
        ("SECRET_KEY=hunter2", "error: --set: SECRET_KEY would hold a secret"),
        ("DATABASE_URL=postgres://ada:hunter2@localhost/x", "error: --set: DATABASE_URL would hold a secret"),
    ] {
        for command in [&["config", "check"][..], &["migrate", "status"]] {
            let output = checked(&[command, &["--set", given]].concat(), &[]);
            assert_eq!(output.code, Some(2), "{command:?} {given}: {output:?}");
            assert!(output.stderr.starts_with(error), "{command:?} {given}: {output:?}");
            assert!(!output.stderr.contains("hunter2"), "{output:?}");
        }
    }
}

#[test]
fn set_works_with_an_embedded_database_except_for_its_address() {
    let folder = TempDir::new().expect("a temporary folder");
    let quickstart = ["quickstart", "--port", "0", "--set", "API_HOST=127.0.0.2", "--set", "API_PORT=1"];
    let server = Server::start(incident_server(folder.path(), &quickstart));
    assert!(server.url.starts_with("http://127.0.0.2:"), "{}", server.url);
    assert!(!server.url.ends_with(":1"), "--port overrides --set: {}", server.url);
    drop(server);
    let moved = run(folder.path(), &["verify", "--data", "data", "--set", "DATABASE_URL=sqlite://other.db"], &[]);
    assert_eq!(moved.code, Some(1), "{moved:?}");
    assert!(moved.stderr.contains("leave --set DATABASE_URL out"), "{moved:?}");
}
