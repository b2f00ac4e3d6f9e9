//! A database with an administrator, and servers on it.

use std::{path::Path, process::Command};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Said, Server, incident_server, run};

pub(crate) const ADMIN: &str = "ada@example.org";

/// A folder to run commands in, with the settings that all of them share.
pub(crate) struct Team {
    pub(crate) folder: TempDir,
    settings: Vec<(&'static str, String)>,
    pub(crate) password: String,
}

impl Team {
    /// On a SQLite database of its own.
    pub(crate) fn new() -> Self {
        Self::on("sqlite://team.db")
    }

    /// On this database, which is empty.
    pub(crate) fn on(database_url: &str) -> Self {
        let mut team = Self::found(database_url);
        assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
        let made = team.run(&["user", "create-admin", "--email", ADMIN]);
        team.password = shown_password(&made, "admin password: ");
        team
    }

    /// On this database as it is.
    pub(crate) fn found(database_url: &str) -> Self {
        let settings = vec![
            ("DATABASE_URL", database_url.to_owned()),
            ("SECRET_KEY", "a secret key that only tests know of".to_owned()),
            ("TIMELINE_KEY", "a timeline key that only tests know".to_owned()),
        ];
        Self { folder: TempDir::new().expect("a folder"), settings, password: String::new() }
    }

    /// Sets something for all commands from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.settings.retain(|(set, _)| *set != name);
        self.settings.push((name, value.to_owned()));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let settings: Vec<(&str, &str)> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        run(self.path(), arguments, &settings)
    }

    /// A command that is yet to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = incident_server(self.path(), arguments);
        command.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--port", "0"]))
    }
}

pub(crate) fn shown_password(said: &Said, label: &str) -> String {
    let password = said.stdout.lines().find_map(|line| line.strip_prefix(label));
    password.unwrap_or_else(|| panic!("no {label:?}: {said:?}")).to_owned()
}

/// The answer to the administrator's signing in: the status, and the body.
pub(crate) async fn sign_in(server: &Server, password: &str) -> (StatusCode, Value) {
    sign_in_as(server, ADMIN, password).await
}

pub(crate) async fn sign_in_as(server: &Server, email: &str, password: &str) -> (StatusCode, Value) {
    let login = reqwest::Client::new().post(format!("{}/api/v1/auth/login", server.url));
    let answer = login.json(&json!({"email": email, "password": password})).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

/// An access token of the administrator.
pub(crate) async fn token(server: &Server, password: &str) -> String {
    let (status, body) = sign_in(server, password).await;
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().expect("a token").to_owned()
}

/// What a request with a token is answered with.
pub(crate) async fn status_with(server: &Server, token: &str) -> StatusCode {
    let request = reqwest::Client::new().get(format!("{}/api/v1/users/me", server.url)).bearer_auth(token);
    request.send().await.expect("an answer").status()
}

/// Waits until a token is refused. How soon that is, is measured by a benchmark; that it happens at all, here.
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
