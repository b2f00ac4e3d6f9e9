//! An HTTP client that checks the form of every response.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::watch;

/// The members of requests that are secret.
const SECRET_MEMBERS: [&str; 3] = ["password", "current_password", "new_password"];

/// The members of requests and responses that are tokens.
const TOKEN_MEMBERS: [&str; 3] = ["access_token", "refresh_token", "token"];

/// An HTTP client, with or without a token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    pub(crate) http: reqwest::Client,
}

/// A complete response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    /// Returns the status and the code of a problem.
    pub(crate) fn code(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }

    /// Returns the pointer and the code of the only validation error.
    pub(crate) fn invalid(&self) -> (String, String) {
        assert_eq!(self.code(), (422, "validation_failed"), "{self:?}");
        let errors = errors(self);
        assert_eq!(errors.len(), 1, "{self:?}");
        errors.into_iter().next().expect("one error")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Whether it is a replay.
    pub(crate) fn is_replayed(&self) -> bool {
        self.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
    }

    /// Returns the parts that are the same in each replay.
    pub(crate) fn replayable_parts(&self) -> (u16, &str, [&str; 4]) {
        let headers = ["content-type", "etag", "location", "cache-control"].map(|name| self.header(name));
        (self.status.as_u16(), &self.text, headers)
    }

    /// Returns a required text of the body.
    pub(crate) fn text_of(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}")).to_owned()
    }

    /// Returns the items of a list.
    pub(crate) fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("no items: {self:?}"))
    }
}

impl Client {
    pub(crate) async fn sign_in(mut self, email: &str, password: &str) -> Self {
        let answer = self.log_in(email, password).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.token = Some(answer.text_of("access_token"));
        self
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", json!({"email": email, "password": password})).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/api/v1/auth/refresh", json!({"refresh_token": refresh_token})).await
    }

    /// Returns a client with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Sends a command with an idempotency key; without a body if it is `null`.
    pub(crate) async fn keyed(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("Idempotency-Key", key);
        send(if body.is_null() { request } else { request.json(body) }).await
    }

    pub(crate) async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.keyed(Method::POST, path, key, &body).await
    }

    pub(crate) async fn patch_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.keyed(Method::PATCH, path, key, &body).await
    }

    pub(crate) async fn delete_once(&self, path: &str, key: &str) -> Answer {
        self.keyed(Method::DELETE, path, key, &Value::Null).await
    }

    /// Opens an incident and returns its body.
    pub(crate) async fn open(&self, title: &str) -> Value {
        let answer = self.post("/api/v1/incidents", json!({"title": title})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }
}

/// Sends a request and checks what every response must fulfil.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let (http, request) = request.build_split();
    let request = request.expect("a request");
    register_secrets_of(&request);
    let path = request.url().path().to_owned();
    let response = http.execute(request).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    let answer = Answer { status, headers, text, body };
    assert!(answer.headers.contains_key("x-request-id"), "no request id: {answer:?}");
    check_secrets(&path, &answer);
    if status.as_u16() >= 400 {
        check_problem(&answer);
    }
    answer
}

fn register_secrets_of(request: &reqwest::Request) {
    let authorization = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if let Some((_scheme, token)) = authorization.and_then(|value| value.split_once(' ')) {
        register_token(token.trim());
    }
    let bytes = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    register_secret_members(&serde_json::from_slice(bytes).unwrap_or_default());
}

fn register_secret_members(body: &Value) {
    for password in SECRET_MEMBERS.iter().filter_map(|member| body[member].as_str()) {
        watch().register_secret(password);
    }
    for token in TOKEN_MEMBERS.iter().filter_map(|member| body[member].as_str()) {
        register_token(token);
    }
}

/// Registers the secret part of a token: the digits after a prefix, or the signature. The other parts of an access token
/// are public, and anything else is no token.
fn register_token(token: &str) {
    let digits = token.strip_prefix("ipr_").or_else(|| token.strip_prefix("ipt_"));
    let signature = token.rsplit('.').next().filter(|_| token.matches('.').count() >= 2);
    if let Some(secret) = digits.or(signature) {
        watch().register_secret(secret);
    }
}

/// The operations whose responses contain tokens.
const TOKEN_OPERATIONS: [&str; 3] = ["/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/api-tokens"];

/// Checks that a response contains no secret, except the tokens that were requested.
fn check_secrets(path: &str, answer: &Answer) {
    let mut text = answer.text.clone();
    if answer.status.is_success() && TOKEN_OPERATIONS.contains(&path) {
        for given in TOKEN_MEMBERS.iter().filter_map(|member| answer.body[member].as_str()) {
            text = text.replace(given, "");
        }
    }
    let headers = answer.headers.values().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    for text in headers.chain([text]) {
        assert_eq!(watch().secret_in(&text), None, "contains a secret: {answer:?}");
    }
    register_secret_members(&answer.body);
}

/// Checks that it is a problem (RFC 9457) without internals.
fn check_problem(answer: &Answer) {
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["status"], answer.status.as_u16(), "{answer:?}");
    for member in ["type", "title", "detail", "code", "request_id"] {
        assert!(answer.body[member].is_string(), "no {member}: {answer:?}");
    }
    assert_eq!(answer.body["request_id"], answer.headers["x-request-id"].to_str().expect("text"), "{answer:?}");
    let text = answer.text.to_lowercase();
    for inside in ["select ", "insert ", "sqlx", "sqlite", "postgres", ".rs:", "panicked", "stack backtrace"] {
        assert!(!text.contains(inside), "contains {inside}: {answer:?}");
    }
}

/// Returns the pointers and codes of a validation problem.
pub(crate) fn errors(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

/// Decodes a part of an access token: 0 is the header, 1 the body.
pub(crate) fn part_of(access_token: &str, index: usize) -> Value {
    let part = access_token.split('.').nth(index).expect("a part");
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&json).expect("JSON")
}
