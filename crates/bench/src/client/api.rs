//! The operations of the API that rows use.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{Connection, OwnedResponse, Request};

/// The longest time of one operation.
const OPERATION_TIME_MAX: Duration = Duration::from_mins(1);

/// The largest page that the server returns.
pub(crate) const PAGE_ITEMS: usize = 200;

const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The password of every user except the administrator; strong enough for the server's rules.
const PASSWORD: &str = "lantern-94-quartz-drummer-mire";

const WRONG_PASSWORD: &str = "not-the-password-of-anybody-71";

const SIGN_IN: &str = "/api/v1/auth/login";

/// A connection to a server, and the session of the user who sends requests on it.
#[derive(Debug)]
pub(crate) struct Api {
    connection: Connection,
    access_token: Option<String>,
    read_attempts_max: u32,
}

/// The tokens of a session.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(secret)")
    }
}

impl Tokens {
    /// Reads the tokens from the body of a sign-in or refresh.
    pub(crate) fn from_body(body: &Value) -> anyhow::Result<Self> {
        let text = |member: &str| body[member].as_str().map(str::to_owned).with_context(|| format!("no {member}"));
        Ok(Self { access: text("access_token")?, refresh: text("refresh_token")? })
    }
}

/// Returns the request to sign in as a user created by [`Api::create_user`].
pub(crate) fn sign_in_request(email: &str) -> Vec<u8> {
    Request::post(SIGN_IN, &credentials(email, PASSWORD)).bytes()
}

/// Returns a sign-in request with a password that no user has.
pub(crate) fn failing_sign_in_request(email: &str) -> Vec<u8> {
    Request::post(SIGN_IN, &credentials(email, WRONG_PASSWORD)).bytes()
}

/// Returns the head of a sign-in request that expects `100 Continue`, and its body.
pub(crate) fn sign_in_request_in_parts(email: &str) -> (Vec<u8>, Vec<u8>) {
    let body = credentials(email, PASSWORD);
    let mut head = Request::post(SIGN_IN, &body).with("expect", "100-continue").bytes();
    let body = head.split_off(head.len() - body.to_string().len());
    (head, body)
}

/// Returns the request to refresh with a token.
pub(crate) fn refresh_request(token: &str) -> Vec<u8> {
    Request::post("/api/v1/auth/refresh", &json!({"refresh_token": token})).bytes()
}

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

impl Api {
    /// Connects without a session.
    pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, access_token: None, read_attempts_max: 1 })
    }

    /// Connects with an existing session.
    pub(crate) async fn resume(address: SocketAddr, access_token: &str) -> anyhow::Result<Self> {
        Ok(Self { access_token: Some(access_token.to_owned()), ..Self::connect(address).await? })
    }

    /// Repeats failed reads up to this number of attempts.
    pub(crate) fn with_read_attempts(self, read_attempts_max: u32) -> Self {
        Self { read_attempts_max, ..self }
    }

    /// Sends a request and returns the response, whatever its status.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<OwnedResponse> {
        let exchange = timeout(OPERATION_TIME_MAX, self.connection.exchange(request)).await;
        Ok(exchange.context("an operation had no response in time")??.into_owned())
    }

    /// Sends a request with the session's token and returns the body of the expected response.
    async fn request(&mut self, request: Request, expected: u16) -> anyhow::Result<Value> {
        let request = match &self.access_token {
            Some(token) => request.by(token),
            None => request,
        };
        self.send(&request.bytes()).await?.expect_status(expected)
    }

    /// Reads a resource.
    pub(crate) async fn read(&mut self, path: &str) -> anyhow::Result<Value> {
        let mut attempts = 1;
        loop {
            let read = self.request(Request::get(path), 200).await;
            if read.is_ok() || attempts >= self.read_attempts_max {
                return read.with_context(|| format!("reading {path}"));
            }
            attempts += 1;
            sleep(RETRY_PAUSE).await;
        }
    }

    /// Reads all items of a list, page by page.
    pub(crate) async fn read_all(&mut self, path: &str) -> anyhow::Result<Vec<Value>> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut page = self.read(&format!("{path}{separator}page_size={PAGE_ITEMS}&cursor={cursor}")).await?;
            all.append(page["items"].as_array_mut().context("a page without items")?);
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(all),
            }
        }
    }

    /// Signs in with the common password; later requests belong to this session.
    pub(crate) async fn sign_in(&mut self, email: &str) -> anyhow::Result<Tokens> {
        self.sign_in_with(email, PASSWORD).await
    }

    pub(crate) async fn sign_in_with(&mut self, email: &str, password: &str) -> anyhow::Result<Tokens> {
        let body = self.request(Request::post(SIGN_IN, &credentials(email, password)), 200).await;
        let tokens = Tokens::from_body(&body.context("signing in")?)?;
        self.access_token = Some(tokens.access.clone());
        Ok(tokens)
    }

    /// Sends a refresh token; returns the status, and the new tokens of a 200.
    pub(crate) async fn refresh(&mut self, token: &str) -> anyhow::Result<(u16, Option<Tokens>)> {
        let response = self.send(&refresh_request(token)).await?;
        let tokens = (response.status() == 200).then(|| Tokens::from_body(&response.json()));
        Ok((response.status(), tokens.transpose()?))
    }

    /// Creates a responder with the common password and returns the id.
    pub(crate) async fn create_user(&mut self, email: &str) -> anyhow::Result<String> {
        self.create_user_as(email, "responder").await
    }

    pub(crate) async fn create_user_as(&mut self, email: &str, role: &str) -> anyhow::Result<String> {
        let body = json!({"email": email, "name": "Robin", "role": role, "password": PASSWORD});
        let created = self.request(Request::post("/api/v1/users", &body), 201).await;
        id_of(&created.with_context(|| format!("creating {email}"))?)
    }

    pub(crate) async fn deactivate_user(&mut self, id: &str) -> anyhow::Result<()> {
        let request = Request::patch(&format!("/api/v1/users/{id}"), &json!({"is_active": false}));
        self.request(request, 200).await.with_context(|| format!("deactivating {id}"))?;
        Ok(())
    }

    /// Opens an incident and returns its id.
    pub(crate) async fn open_incident(&mut self, title: &str) -> anyhow::Result<String> {
        let opened = self.request(Request::post("/api/v1/incidents", &json!({"title": title})), 201).await;
        id_of(&opened.context("opening an incident")?)
    }

    /// Returns the id of the session that sends the request.
    pub(crate) async fn current_session(&mut self) -> anyhow::Result<String> {
        let list = self.read("/api/v1/auth/sessions").await?;
        let current = list["items"].as_array().into_iter().flatten().find(|session| session["is_current"] == true);
        id_of(current.context("the current session is not in the list")?)
    }

    pub(crate) async fn end_session(&mut self, id: &str) -> anyhow::Result<()> {
        let request = Request::delete(&format!("/api/v1/auth/sessions/{id}"));
        self.request(request, 204).await.context("ending a session")?;
        Ok(())
    }
}

fn id_of(body: &Value) -> anyhow::Result<String> {
    body["id"].as_str().map(str::to_owned).with_context(|| format!("no id: {body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_tokens() {
        let body = json!({"access_token": "one", "refresh_token": "two"});
        let tokens = Tokens::from_body(&body).unwrap();
        assert_eq!((tokens.access.as_str(), tokens.refresh.as_str()), ("one", "two"));
        assert_eq!(format!("{tokens:?}"), "Tokens(secret)");
        assert!(Tokens::from_body(&json!({"access_token": "one"})).is_err());
    }
}
