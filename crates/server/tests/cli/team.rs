//! A database with an administrator, and servers that use it.

use std::{path::Path, process::Command};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{CommandOutput, Server, incident_server, run};

pub(crate) const ADMIN: &str = "ada@example.org";

/// A folder in which commands run, and the settings that they share.
pub(crate) struct Team {
    pub(crate) folder: TempDir,
    settings: Vec<(&'static str, String)>,
    pub(crate) password: String,
}

impl Team {
    /// Creates a SQLite database with an administrator.
    pub(crate) fn new() -> Self {
        Self::on("sqlite://team.db")
    }

    /// Migrates an empty database, and creates an administrator.
    pub(crate) fn on(database_url: &str) -> Self {
        let mut team = Self::with_database(database_url);
        assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
        let made = team.run(&["user", "create-admin", "--email", ADMIN]);
        team.password = shown_password(&made, "admin password: ");
        team
    }

    /// Uses a database without changing it.
    pub(crate) fn with_database(database_url: &str) -> Self {
        let settings = vec![
            ("DATABASE_URL", database_url.to_owned()),
            ("SECRET_KEY", "a secret key that only tests know of".to_owned()),
            ("TIMELINE_KEY", "a timeline key that only tests know".to_owned()),
        ];
        Self { folder: TempDir::new().expect("a temporary folder"), settings, password: String::new() }
    }

    /// Changes a setting of all commands from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.settings.retain(|(set, _)| *set != name);
        self.settings.push((name, value.to_owned()));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        let settings: Vec<(&str, &str)> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        run(self.path(), arguments, &settings)
    }

    /// Makes a command without running it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = incident_server(self.path(), arguments);
        command.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--port", "0"]))
    }
}

pub(crate) fn shown_password(output: &CommandOutput, label: &str) -> String {
    let password = output.stdout.lines().find_map(|line| line.strip_prefix(label));
    password.unwrap_or_else(|| panic!("no {label:?}: {output:?}")).to_owned()
}

/// Signs the administrator in, and returns the status and the body of the response.
pub(crate) async fn sign_in(server: &Server, password: &str) -> (StatusCode, Value) {
    sign_in_as(server, ADMIN, password).await
}

pub(crate) async fn sign_in_as(server: &Server, email: &str, password: &str) -> (StatusCode, Value) {
    let login = reqwest::Client::new().post(format!("{}/api/v1/auth/login", server.url));
    let response = login.json(&json!({"email": email, "password": password})).send().await.expect("a response");
    (response.status(), response.json().await.expect("JSON"))
}

/// Returns an access token of the administrator.
pub(crate) async fn token(server: &Server, password: &str) -> String {
    let (status, body) = sign_in(server, password).await;
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().expect("a token").to_owned()
}

/// Returns the status of the response to a request with a token.
pub(crate) async fn status_with(server: &Server, token: &str) -> StatusCode {
    let request = reqwest::Client::new().get(format!("{}/api/v1/users/me", server.url)).bearer_auth(token);
    request.send().await.expect("a response").status()
}

/// Waits until a token is refused. A benchmark measures how long that takes; the tests only check that it happens.
pub(crate) async fn is_refused_soon(server: &Server, token: &str) -> bool {
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        if status_with(server, token).await == 401 {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    false
}
