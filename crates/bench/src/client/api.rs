//! What the rows need of the API, one operation each.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::Context;
use serde_json::{Value, json};

use super::{
    Connection, Reply, Request,
    request::{delete, get, patch, post},
};

/// No single operation takes longer.
const OPERATION_TIME_MAX: Duration = Duration::from_mins(1);

/// What everybody's password is, but the administrator's; strong enough for the server's rules.
const PASSWORD: &str = "lantern-94-quartz-drummer-mire";

/// Somebody who speaks with the server.
#[derive(Debug)]
pub(crate) struct Api {
    connection: Connection,
    access_token: Option<String>,
}

/// What signing in and refreshing give.
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
    pub(crate) fn of(answer: &Value) -> anyhow::Result<Self> {
        let text = |member: &str| answer[member].as_str().map(str::to_owned).with_context(|| format!("no {member}"));
        Ok(Self { access: text("access_token")?, refresh: text("refresh_token")? })
    }
}

/// The request to sign in as somebody who was made by [`Api::create_user`].
pub(crate) fn sign_in_request(email: &str) -> Vec<u8> {
    sign_in_request_with(email, PASSWORD)
}

/// The same with any password.
pub(crate) fn sign_in_request_with(email: &str, password: &str) -> Vec<u8> {
    post("/api/v1/auth/login", None, &json!({"email": email, "password": password}))
}

/// The same in two parts, a head and a body that is sent when the server asks for it.
pub(crate) fn sign_in_request_in_parts(email: &str) -> (Vec<u8>, Vec<u8>) {
    let body = json!({"email": email, "password": PASSWORD});
    let mut head = Request::post("/api/v1/auth/login", &body).with("expect", "100-continue").bytes();
    let body = head.split_off(head.len() - body.to_string().len());
    (head, body)
}

impl Api {
    /// Somebody who is not signed in.
    pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, access_token: None })
    }

    /// Sends a request and answers its status and body.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<(u16, Value)> {
        let exchange = tokio::time::timeout(OPERATION_TIME_MAX, self.connection.exchange(request)).await;
        let answer = exchange.context("an operation was not answered in time")??;
        Ok((answer.status(), answer.json()?))
    }

    /// Sends a request and answers all that came back.
    pub(crate) async fn reply(&mut self, request: &[u8]) -> anyhow::Result<Reply> {
        let exchange = tokio::time::timeout(OPERATION_TIME_MAX, self.connection.exchange(request)).await;
        Ok(exchange.context("an operation was not answered in time")??.to_reply())
    }

    /// Reads something as who has signed in.
    pub(crate) async fn read(&mut self, path: &str) -> anyhow::Result<Value> {
        let request = get(path, self.access_token.as_deref());
        self.expect(200, &request).await.with_context(|| format!("reading {path}"))
    }

    /// Goes on with a session that was begun on another connection.
    pub(crate) async fn resume(address: SocketAddr, access_token: &str) -> anyhow::Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, access_token: Some(access_token.to_owned()) })
    }

    async fn expect(&mut self, expected: u16, request: &[u8]) -> anyhow::Result<Value> {
        let (status, body) = self.send(request).await?;
        anyhow::ensure!(status == expected, "the answer is {status} and should be {expected}: {body}");
        Ok(body)
    }

    /// Signs in with the password that everybody has; further operations are by this user.
    pub(crate) async fn sign_in(&mut self, email: &str) -> anyhow::Result<Tokens> {
        self.sign_in_with(email, PASSWORD).await
    }

    pub(crate) async fn sign_in_with(&mut self, email: &str, password: &str) -> anyhow::Result<Tokens> {
        let answer = self.expect(200, &sign_in_request_with(email, password)).await.context("signing in")?;
        let tokens = Tokens::of(&answer)?;
        self.access_token = Some(tokens.access.clone());
        Ok(tokens)
    }

    /// Shows a refresh token, and answers the status with the new tokens, if there are any.
    pub(crate) async fn refresh(&mut self, token: &str) -> anyhow::Result<(u16, Option<Tokens>)> {
        let (status, body) = self.send(&refresh_request(token)).await?;
        Ok((status, if status == 200 { Some(Tokens::of(&body)?) } else { None }))
    }

    /// Makes a responder with the password that everybody has, and answers their id.
    pub(crate) async fn create_user(&mut self, email: &str) -> anyhow::Result<String> {
        self.create_user_as(email, "responder").await
    }

    /// The same with any role.
    pub(crate) async fn create_user_as(&mut self, email: &str, role: &str) -> anyhow::Result<String> {
        let body = json!({"email": email, "name": "Robin", "role": role, "password": PASSWORD});
        let request = post("/api/v1/users", self.access_token.as_deref(), &body);
        id_of(&self.expect(201, &request).await.with_context(|| format!("making {email}"))?)
    }

    pub(crate) async fn deactivate_user(&mut self, id: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/users/{id}");
        let request = patch(&path, self.access_token.as_deref(), &json!({"is_active": false}));
        self.expect(200, &request).await.with_context(|| format!("deactivating {id}"))?;
        Ok(())
    }

    /// Opens an incident and answers its id.
    pub(crate) async fn open_incident(&mut self, title: &str) -> anyhow::Result<String> {
        let request = post("/api/v1/incidents", self.access_token.as_deref(), &json!({"title": title}));
        id_of(&self.expect(201, &request).await.context("opening an incident")?)
    }

    /// The id of the session that asks.
    pub(crate) async fn own_session(&mut self) -> anyhow::Result<String> {
        let request = get("/api/v1/auth/sessions", self.access_token.as_deref());
        let list = self.expect(200, &request).await.context("listing sessions")?;
        let current = list["items"].as_array().into_iter().flatten().find(|session| session["is_current"] == true);
        id_of(current.context("the session that asks is not in the list")?)
    }

    pub(crate) async fn end_session(&mut self, id: &str) -> anyhow::Result<()> {
        let request = delete(&format!("/api/v1/auth/sessions/{id}"), self.access_token.as_deref());
        self.expect(204, &request).await.context("ending a session")?;
        Ok(())
    }
}

/// The request to refresh with a token.
pub(crate) fn refresh_request(token: &str) -> Vec<u8> {
    post("/api/v1/auth/refresh", None, &json!({"refresh_token": token}))
}

fn id_of(body: &Value) -> anyhow::Result<String> {
    body["id"].as_str().map(str::to_owned).with_context(|| format!("no id: {body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_shown() {
        let answer = json!({"access_token": "one", "refresh_token": "two"});
        let tokens = Tokens::of(&answer).unwrap();
        assert_eq!((tokens.access.as_str(), tokens.refresh.as_str()), ("one", "two"));
        assert_eq!(format!("{tokens:?}"), "Tokens(secret)");
        assert!(Tokens::of(&json!({"access_token": "one"})).is_err());
    }
}
