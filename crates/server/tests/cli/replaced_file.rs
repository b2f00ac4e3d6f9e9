//! A SQLite file that is replaced while a server has it open.

use std::{fs, path::Path};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

struct Running {
    folder: TempDir,
    server: Server,
    token: String,
}

fn start(folder: &Path) -> Server {
    Server::start(incident_server(folder, &["quickstart", "--port", "0"]))
}

/// Starts a server, and opens an incident.
async fn running() -> Running {
    let folder = TempDir::new().expect("a temporary folder");
    let server = start(folder.path());
    let email = server.greeted_with("admin email").expect("an address");
    let password = server.greeted_with("admin password").expect("a password");
    let sign_in = Client::new().post(format!("{}/api/v1/auth/login", server.url));
    let signed_in = sign_in.json(&json!({"email": email, "password": password})).send().await.expect("a response");
    let signed_in: Value = signed_in.json().await.expect("JSON");
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();
    let running = Running { folder, server, token };
    assert_eq!(running.open(&running.server).await.0, 201);
    running
}

impl Running {
    async fn open(&self, server: &Server) -> (u16, Value) {
        let open = Client::new().post(format!("{}/api/v1/incidents", server.url)).bearer_auth(&self.token);
        let response = open.json(&json!({"title": "checkout is slow"})).send().await.expect("a response");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    async fn count(&self, server: &Server) -> usize {
        let list = Client::new().get(format!("{}/api/v1/incidents", server.url)).bearer_auth(&self.token);
        let list: Value = list.send().await.expect("a response").json().await.expect("JSON");
        list["items"].as_array().expect("items").len()
    }
}

async fn ready(server: &Server) -> (u16, Value) {
    let response = reqwest::get(format!("{}/health/ready", server.url)).await.expect("a response");
    (response.status().as_u16(), response.json::<Value>().await.expect("JSON")["code"].clone())
}

#[tokio::test]
async fn nothing_is_acknowledged_after_the_file_was_replaced() {
    let replaced = (503, json!("database_file_replaced"));
    for name in ["removed and copied", "renamed over", "removed", "only the log removed"] {
        let running = running().await;
        let backup = run(running.folder.path(), &["backup", "copy.db"], &[]);
        assert_eq!(backup.code, Some(0), "{backup:?}");
        assert_eq!(running.open(&running.server).await.0, 201);
        let copy = running.folder.path().join("copy.db");
        let database = running.folder.path().join("data/incidents.db");
        let remove = |suffix: &str| fs::remove_file(format!("{}{suffix}", database.display())).expect(suffix);
        match name {
            "removed and copied" => {
                for suffix in ["", "-wal", "-shm"] {
                    remove(suffix);
                }
                fs::copy(&copy, &database).expect("copied");
            }
            "renamed over" => fs::rename(&copy, &database).expect("renamed"),
            "removed" => remove(""),
            _ => remove("-wal"),
        }
        if name != "only the log removed" {
            assert_eq!(ready(&running.server).await, replaced, "{name}");
        }
        for _ in 0..5 {
            let (status, problem) = running.open(&running.server).await;
            assert_eq!((status, &problem["code"]), (503, &json!("unavailable")), "{name}");
        }
        assert_eq!(ready(&running.server).await, replaced, "{name}");
    }
}

#[tokio::test]
async fn after_a_restart_the_restored_file_is_used() {
    let running = running().await;
    assert_eq!(run(running.folder.path(), &["backup", "copy.db"], &[]).code, Some(0));
    assert_eq!(running.open(&running.server).await.0, 201);
    let database = running.folder.path().join("data/incidents.db");
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", database.display())).expect("removed");
    }
    fs::copy(running.folder.path().join("copy.db"), &database).expect("copied");
    assert_eq!(running.open(&running.server).await.0, 503);
    running.server.signal("KILL");
    let again = start(running.folder.path());
    assert_eq!(running.count(&again).await, 1);
    assert_eq!(running.open(&again).await.0, 201);
    assert_eq!(ready(&again).await.0, 200);
}
