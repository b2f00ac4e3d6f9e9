//! `quickstart`: creates a database and serves.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    program::{Server, incident_server, run},
    sqlite,
};

async fn post(url: &str, path: &str, token: Option<&str>, body: Value) -> Value {
    let mut request = reqwest::Client::new().post(format!("{url}{path}")).json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.expect("a response");
    assert!(response.status().is_success(), "{response:?}");
    response.json().await.expect("JSON")
}

async fn sign_in(url: &str, email: &str, password: &str) -> String {
    let signed_in = post(url, "/api/v1/auth/login", None, json!({"email": email, "password": password})).await;
    signed_in["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn quickstart_creates_its_data_and_finds_it_at_the_next_start() {
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = ["quickstart", "--data", "somewhere/new", "--port", "0"];

    let first = Server::start(incident_server(folder.path(), &arguments));
    let email = first.greeted_with("admin email").expect("an address").to_owned();
    let password = first.greeted_with("admin password").expect("a password").to_owned();
    let token = sign_in(&first.url, &email, &password).await;
    let opened = post(&first.url, "/api/v1/incidents", Some(&token), json!({"title": "kept"})).await;
    assert!(first.stop().success(), "SIGTERM ends it with exit code 0");

    let second = Server::start(incident_server(folder.path(), &arguments));
    assert_eq!(second.greeted_with("admin password"), None, "the password is shown once: {}", second.greeting);
    let list = reqwest::Client::new().get(format!("{}/api/v1/incidents", second.url)).bearer_auth(&token);
    let list: Value = list.send().await.expect("a response").json().await.expect("JSON");
    assert_eq!(list["items"], json!([opened]), "the token and the incident are still valid");
    assert_ne!(sign_in(&second.url, &email, &password).await, token);
}

#[tokio::test]
async fn incidents_of_a_release_without_search_are_indexed_at_the_next_start() {
    let folder = TempDir::new().expect("a temporary folder");
    let start = || Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    let first = start();
    let email = first.greeted_with("admin email").expect("an address").to_owned();
    let password = first.greeted_with("admin password").expect("a password").to_owned();
    let token = sign_in(&first.url, &email, &password).await;
    post(&first.url, "/api/v1/incidents", Some(&token), json!({"title": "a hippopotamus"})).await;
    assert!(first.stop().success());
    sqlite::execute(&folder.path().join("data/incidents.db"), "DELETE FROM search_texts").await;

    let second = start();
    let search = format!("{}/api/v1/search?q=hippopotamus", second.url);
    let found = async || {
        let response = reqwest::Client::new().get(&search).bearer_auth(&token).send().await.expect("a response");
        let body: Value = response.json().await.expect("JSON");
        body["items"].as_array().expect("items").len()
    };
    // The server builds the index while it serves.
    for _ in 0..200 {
        if found().await == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the incident was not indexed");
}

#[test]
fn quickstart_refuses_another_settings_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let output = run(folder.path(), &["quickstart", "--config", "mine.toml"], &[]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("data/incident-server.toml"), "{output:?}");
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_dotenv_file_of_empty_settings_changes_nothing_for_quickstart_and_verify() {
    let folder = TempDir::new().expect("a temporary folder");
    let example = run(folder.path(), &["config", "example"], &[]).stdout;
    let names = example.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=')).map(|(name, _)| name);
    let empty: Vec<String> = names.filter(|name| !name.contains(' ')).map(|name| format!("{name}=\n")).collect();
    let empty = empty.concat();
    assert!(empty.contains("\nSECRET_KEY=\n"), "{empty}");
    std::fs::write(folder.path().join(".env"), empty).expect("written");
    let server = Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    let email = server.greeted_with("admin email").expect("an address").to_owned();
    let password = server.greeted_with("admin password").expect("a password").to_owned();
    let token = sign_in(&server.url, &email, &password).await;
    post(&server.url, "/api/v1/incidents", Some(&token), json!({"title": "sealed"})).await;
    let verified = run(folder.path(), &["verify"], &[]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_secrets() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().expect("a temporary folder");
    let server = Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    let mode = |path: &str| folder.path().join(path).metadata().expect(path).permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/incident-server.toml")), (0o700, 0o600));
    drop(server);
}

#[tokio::test]
async fn serve_can_use_the_settings_file_of_quickstart() {
    let folder = TempDir::new().expect("a temporary folder");
    let quickstart = Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    let email = quickstart.greeted_with("admin email").expect("an address").to_owned();
    let password = quickstart.greeted_with("admin password").expect("a password").to_owned();
    assert!(quickstart.stop().success());
    let serve = ["serve", "--config", "data/incident-server.toml", "--port", "0"];
    let served = Server::start(incident_server(folder.path(), &serve));
    sign_in(&served.url, &email, &password).await;
}
