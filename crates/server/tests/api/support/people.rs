//! Users of a test, each with an account, a password and a session.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use super::{Client, TestServer, part_of};

pub(crate) const ROLES: [&str; 4] = ["viewer", "responder", "manager", "admin"];

/// Makes emails and passwords unique.
static PEOPLE: AtomicU32 = AtomicU32::new(1);

/// A user with a session.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) role: &'static str,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) refresh_token: String,
    pub(crate) session_id: String,
    pub(crate) client: Client,
}

/// Returns a new password.
pub(crate) fn new_password() -> String {
    format!("zkqvhwmxtjrp brisk {} otters", PEOPLE.fetch_add(1, Ordering::Relaxed))
}

/// Returns a new email address.
pub(crate) fn new_email() -> String {
    format!("person-{}@example.org", PEOPLE.fetch_add(1, Ordering::Relaxed))
}

impl TestServer {
    /// Creates an account with this role and signs in.
    pub(crate) async fn person(&self, role: &'static str) -> Person {
        let (email, password) = (new_email(), new_password());
        let new = json!({"email": email, "name": "Grace Hopper", "role": role, "password": password});
        let created = self.root().await.post("/api/v1/users", new).await;
        assert_eq!(created.status, 201, "{created:?}");
        self.sign_in(created.text_of("id"), role, email, password).await
    }

    async fn sign_in(&self, id: String, role: &'static str, email: String, password: String) -> Person {
        let anonymous = self.client();
        let answer = anonymous.log_in(&email, &password).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let (access_token, refresh_token) = (answer.text_of("access_token"), answer.text_of("refresh_token"));
        let session_id = part_of(&access_token, 1)["sid"].as_str().expect("a session").to_owned();
        Person { id, role, email, password, refresh_token, session_id, client: anonymous.with_token(&access_token) }
    }
}

impl Person {
    /// Signs in again, as on another device.
    pub(crate) async fn sign_in_again(&self, server: &TestServer) -> Self {
        server.sign_in(self.id.clone(), self.role, self.email.clone(), self.password.clone()).await
    }

    /// Creates an API token; returns a client with it, and its id.
    pub(crate) async fn api_token(&self, role: &str) -> (Client, String) {
        let new = json!({"name": "nightly import", "role": role});
        let created = self.client.post("/api/v1/auth/api-tokens", new).await;
        assert_eq!(created.status, 201, "{created:?}");
        (self.client.with_token(&created.text_of("token")), created.text_of("id"))
    }

    /// Returns the path of the account.
    pub(crate) fn path(&self) -> String {
        format!("/api/v1/users/{}", self.id)
    }

    /// Whether the access token of this session is accepted.
    pub(crate) async fn is_signed_in(&self) -> bool {
        let answer = self.client.get("/api/v1/users/me").await;
        assert!(answer.status == 200 || answer.code() == (401, "session_ended"), "{answer:?}");
        answer.status == 200
    }
}
