//! A client of the API.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{program::Server, team::token};

/// A user who is signed in.
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
        let response = request.send().await.expect("a response");
        (response.status(), response.json().await.expect("JSON"))
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.http.patch(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let response = request.send().await.expect("a response");
        (response.status(), response.json().await.expect("JSON"))
    }

    /// Returns the body of the response if its status is 201.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Option<Value> {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let response = request.send().await.ok().filter(|response| response.status() == 201)?;
        response.json().await.ok()
    }

    /// Opens an incident and comments on it. Returns its number if both were acknowledged.
    pub(crate) async fn open(&self, title: &str) -> Option<String> {
        let opened = self.post("/incidents", json!({"title": title, "priority": "high"})).await?;
        let number = opened["number"].as_str().expect("a number").to_owned();
        self.post(&format!("/incidents/{number}/logs"), json!({"message": "größer: 3,5 €"})).await?;
        Some(number)
    }
}
