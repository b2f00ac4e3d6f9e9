//! A server whose disk is full, as the largest size of a file makes it look.

#![cfg(target_os = "linux")]

use std::process::Command;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, incident_server};

/// Limits the size of the files that a process may write.
fn limit_files(server: &Server, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let set = Command::new("prlimit").args(["--pid", &server.id().to_string(), &limit]).status();
    assert!(set.expect("prlimit of util-linux runs").success());
}

async fn status_and_code(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("a response");
    (response.status().as_u16(), response.json::<Value>().await.expect("JSON")["code"].clone())
}

#[tokio::test]
async fn a_server_that_cannot_write_is_not_ready_until_it_can() {
    let folder = TempDir::new().expect("a temporary folder");
    // A process that ignores this signal gets an error instead, as on a full disk.
    let mut command = Command::new("sh");
    let server = incident_server(folder.path(), &["quickstart", "--port", "0"]);
    command.args(["-c", "trap '' XFSZ; exec \"$0\" quickstart --port 0"]).arg(server.get_program());
    command.current_dir(folder.path()).env_clear().env("BCRYPT_COST", "4");
    let server = Server::start(command);
    let email = server.greeted_with("admin email").expect("an address");
    let password = server.greeted_with("admin password").expect("a password");
    let client = Client::new();
    let sign_in = client.post(format!("{}/api/v1/auth/login", server.url));
    let signed_in = sign_in.json(&json!({"email": email, "password": password})).send().await.expect("a response");
    let signed_in: Value = signed_in.json().await.expect("JSON");
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();
    let open = || {
        let open = client.post(format!("{}/api/v1/incidents", server.url)).bearer_auth(&token);
        status_and_code(open.json(&json!({"title": "checkout is slow"})))
    };
    let ready = || status_and_code(client.get(format!("{}/health/ready", server.url)));
    let list = || status_and_code(client.get(format!("{}/api/v1/incidents", server.url)).bearer_auth(&token));
    assert_eq!((open().await.0, ready().await.0), (201, 200));

    limit_files(&server, "1");
    assert_eq!(open().await, (503, json!("unavailable")));
    for _ in 0..3 {
        assert_eq!(ready().await, (503, json!("database_not_writable")));
    }
    assert_eq!(list().await.0, 200, "reads go on");

    limit_files(&server, "unlimited");
    assert_eq!(ready().await.0, 200);
    assert_eq!(open().await.0, 201);
}
