//! The API as the tests' clients use it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{program::Server, team::token};

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Api {
    pub(crate) async fn sign_in(server: &Server, password: &str) -> Self {
        Self::with_token(server, token(server, password).await)
    }

    pub(crate) fn with_token(server: &Server, token: String) -> Self {
        Self { http: reqwest::Client::new(), url: format!("{}/api/v1", server.url), token }
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.http.patch(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// The body of the answer, if the server says that it is done.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Option<Value> {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.ok().filter(|answer| answer.status() == 201)?;
        answer.json().await.ok()
    }

    /// Opens an incident and remarks on it; its number, once both are acknowledged.
    pub(crate) async fn open(&self, title: &str) -> Option<String> {
        let opened = self.post("/incidents", json!({"title": title, "priority": "high"})).await?;
        let number = opened["number"].as_str().expect("a number").to_owned();
        self.post(&format!("/incidents/{number}/logs"), json!({"message": "größer: 3,5 €"})).await?;
        Some(number)
    }
}
