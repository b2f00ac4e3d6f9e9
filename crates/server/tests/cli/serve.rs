//! `serve`: serves the configured database, and stops without losing writes.

use std::{
    fs::{self, File},
    process::Stdio,
    time::Duration,
};

use futures::future::join_all;
use incident_test_support::PostgresDatabase;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

const SECRETS: [(&str, &str); 3] = [
    ("DATABASE_URL", "sqlite://served.db"),
    ("SECRET_KEY", "a secret key that only tests know of"),
    ("TIMELINE_KEY", "a timeline key that only tests know"),
];

fn serve(folder: &TempDir) -> Server {
    let mut command = incident_server(folder.path(), &["serve", "--port", "0"]);
    command.envs(SECRETS);
    Server::start(command)
}

async fn ready(url: &str) -> (u16, Value) {
    let response = reqwest::get(format!("{url}/health/ready")).await.expect("a response");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn serve_creates_no_schema_and_is_ready_once_it_is_migrated() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = serve(&folder);
    let (status, body) = ready(&server.url).await;
    assert_eq!(status, 503);
    let detail = body["detail"].as_str().expect("text");
    assert!(detail.contains("incident-server migrate up"), "{detail}");
    assert!(!folder.path().join("served.db").exists(), "serve created a database");

    let migrated = run(folder.path(), &["migrate", "up"], &SECRETS);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    assert_eq!(ready(&server.url).await.0, 200);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn the_log_says_what_to_do_about_a_missing_schema() {
    const TIMEOUT: Duration = Duration::from_secs(20);
    let (folder, database) = (TempDir::new().expect("a temporary folder"), PostgresDatabase::create().await);
    let log = folder.path().join("log");
    let mut command = incident_server(folder.path(), &["serve", "--port", "0"]);
    command.envs(SECRETS).env("DATABASE_URL", database.url());
    command.stdout(Stdio::null()).stderr(File::create(&log).expect("a file"));
    let mut server = command.spawn().expect("the binary runs");
    let output = async {
        while !fs::read_to_string(&log).expect("text").contains("run `incident-server migrate up`") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let output = tokio::time::timeout(TIMEOUT, output).await;
    server.kill().and_then(|()| server.wait()).expect("an exit status");
    assert!(output.is_ok(), "{}", fs::read_to_string(&log).expect("text"));
}

#[tokio::test]
async fn a_server_that_stops_under_load_keeps_everything_that_it_acknowledged() {
    let folder = TempDir::new().expect("a temporary folder");
    assert_eq!(run(folder.path(), &["migrate", "up"], &SECRETS).code, Some(0));
    let made = run(folder.path(), &["user", "create-admin", "--email", "ada@example.org"], &SECRETS);
    let password = made.stdout.lines().find_map(|line| line.strip_prefix("admin password: ")).expect("a password");

    let server = serve(&folder);
    let http = reqwest::Client::new();
    let login = http.post(format!("{}/api/v1/auth/login", server.url));
    let login = login.json(&json!({"email": "ada@example.org", "password": password}));
    let signed_in: Value = login.send().await.expect("a response").json().await.expect("JSON");
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();

    let open = |n: usize| {
        let request = http.post(format!("{}/api/v1/incidents", server.url)).bearer_auth(&token);
        let request = request.json(&json!({"title": format!("incident {n}")}));
        async move {
            let response = request.send().await.ok()?;
            let body: Value = if response.status() == 201 { response.json().await.ok()? } else { return None };
            Some(body["number"].as_str()?.to_owned())
        }
    };
    let load = join_all((0..400).map(open));
    let stop = async { server.terminate() };
    let (opened, ()) = futures::join!(load, stop);
    let acknowledged: Vec<String> = opened.into_iter().flatten().collect();
    assert!(server.wait().success(), "exit code 0");

    let again = serve(&folder);
    for number in &acknowledged {
        let get = http.get(format!("{}/api/v1/incidents/{number}", again.url)).bearer_auth(&token);
        assert_eq!(get.send().await.expect("a response").status(), 200, "{number} was acknowledged and is missing");
    }
}

#[test]
fn a_taken_port_is_reported_in_one_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = serve(&folder);
    let port = server.url.rsplit(':').next().expect("a port");
    let second = run(folder.path(), &["serve", "--port", port], &SECRETS);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("choose another API_HOST or API_PORT"), "{second:?}");
}
