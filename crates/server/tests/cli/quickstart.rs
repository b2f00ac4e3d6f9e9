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

#[tokio::test]
async fn a_folder_may_have_any_name() {
    for name in [
        "a b",
        "50%25",
        "50%",
        "what?mode=memory",
        "#1",
        "\"q\" \\ 'a'",
        "zwei\nZeilen",
        ":memory:",
        "Zürich/数据",
        "=;&+",
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        let data = folder.path().join(name);
        let first = Server::start(incident_server(folder.path(), &["quickstart", "--data", name, "--port", "0"]));
        let email = first.greeted_with("admin email").expect("an address").to_owned();
        let password = first.greeted_with("admin password").expect("a password").to_owned();
        let token = sign_in(&first.url, &email, &password).await;
        let opened = post(&first.url, "/api/v1/incidents", Some(&token), json!({"title": "kept"})).await;
        assert!(first.stop().success());
        assert!(data.join("incidents.db").exists(), "{name}");
        let outside = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(outside, 1, "{name}: nothing is made elsewhere");

        // The settings name the same database, whatever the working directory is.
        let elsewhere = TempDir::new().expect("a temporary folder");
        let settings = data.join("incident-server.toml");
        let serve = ["serve", "--config", settings.to_str().expect("UTF-8"), "--port", "0"];
        let second = Server::start(incident_server(elsewhere.path(), &serve));
        let list = reqwest::Client::new().get(format!("{}/api/v1/incidents", second.url)).bearer_auth(&token);
        let list: Value = list.send().await.expect("a response").json().await.expect("JSON");
        assert_eq!(list["items"], json!([opened]), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn in_a_folder_that_others_can_read_the_files_are_private_and_open_ones_are_named() {
    use std::{
        fs::{File, Permissions, set_permissions},
        os::unix::fs::PermissionsExt,
    };

    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let log = folder.path().join("log");
    let start = || {
        let mut command = incident_server(folder.path(), &["quickstart", "--port", "0"]);
        command.stderr(File::create(&log).expect("a log"));
        assert!(Server::start_with_log(command).stop().success());
        std::fs::read_to_string(&log).expect("a log")
    };
    let said = start();
    assert!(!said.contains("chmod 600"), "{said}");
    for file in ["incidents.db", "incident-server.toml"] {
        let mode = data.join(file).metadata().expect(file).permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
        set_permissions(data.join(file), Permissions::from_mode(0o644)).expect("changed");
        let said = start();
        assert!(said.lines().any(|line| line.contains("chmod 600") && line.contains(file)), "{said}");
        set_permissions(data.join(file), Permissions::from_mode(0o600)).expect("changed");
    }
}

#[cfg(unix)]
#[test]
fn a_first_start_that_could_write_nothing_is_forgiven() {
    let folder = TempDir::new().expect("a temporary folder");
    let start = || incident_server(folder.path(), &["quickstart", "--port", "0"]);
    // No file may have a byte.
    let limited = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 0; exec \"$0\" quickstart --port 0", env!("CARGO_BIN_EXE_incident-server")])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("a shell");
    assert!(!limited.status.success(), "{limited:?}");
    assert!(Server::start(start()).stop().success());

    // An earlier release left an empty file.
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    std::fs::write(folder.path().join("data/incident-server.toml"), "").expect("a file");
    let server = Server::start(incident_server(folder.path(), &["quickstart", "--port", "0"]));
    assert!(server.stop().success());
}
