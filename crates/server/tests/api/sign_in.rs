//! Signing in.

use reqwest::Method;
use serde_json::json;

use crate::support::{ADMIN_EMAIL, TestServer, send};

#[tokio::test]
async fn signing_in_returns_a_token_and_no_hash() {
    let server = TestServer::start().await;
    let login = json!({"email": ADMIN_EMAIL.to_uppercase(), "password": server.admin_password()});
    let answer = server.client().post("/api/v1/auth/login", login).await;
    assert_eq!(answer.status, 200, "addresses are compared without case: {answer:?}");
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!(answer.body["expires_in"], 900);
    assert!(answer.text_of("refresh_token").starts_with("ipr_"), "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");

    let me = server.admin().await.get("/api/v1/users/me").await;
    assert_eq!((&me.body["email"], &me.body["role"]), (&json!(ADMIN_EMAIL), &json!("admin")));
    assert!(!me.text.contains("password") && !me.text.contains("$2b$"), "{me:?}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_have_the_same_response() {
    let server = TestServer::start().await;
    let client = server.client();
    let too_long = "w".repeat(100);
    for (email, password) in [
        (ADMIN_EMAIL, "wrong"),
        ("unknown@example.org", server.admin_password()),
        (ADMIN_EMAIL, &too_long),
        (ADMIN_EMAIL, ""),
    ] {
        let mut answer = client.post("/api/v1/auth/login", json!({"email": email, "password": password})).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        answer.body["request_id"].take();
        assert_eq!(answer.body["detail"], "the email or the password is wrong");
        assert_eq!(answer.body["code"], "wrong_credentials");
    }
}

#[tokio::test]
async fn requests_without_a_valid_token_are_refused() {
    let server = TestServer::start().await;
    let mut client = server.client();
    for path in ["/api/v1/users/me", "/api/v1/incidents", "/api/v1/incidents/INC-1", "/api/v1/incidents/INC-1/logs"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (401, &json!("not_signed_in")), "{path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    client.token = Some("nonsense".to_owned());
    assert_eq!(client.get("/api/v1/users/me").await.body["code"], "invalid_token");
    let basic = client.http.get(format!("{}/api/v1/users/me", client.url)).basic_auth("a", Some("b"));
    assert_eq!(send(basic).await.status, 401);
}

#[tokio::test]
async fn a_token_of_another_server_is_refused() {
    let (server, other) = (TestServer::start().await, TestServer::start().await);
    let mut client = server.client();
    // The same keys, but the session is not in this database.
    client.token.clone_from(&other.admin().await.token);
    let answer = client.get("/api/v1/users/me").await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (401, &json!("session_ended")));
}

#[tokio::test]
async fn wrong_credentials_differ_from_invalid_requests() {
    let server = TestServer::start().await;
    let client = server.client();
    let answer = client.post("/api/v1/auth/login", json!({"email": "no address", "password": "x"})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (422, &json!("/email")));
    let answer = send(client.request(Method::POST, "/api/v1/auth/login").body("{")).await;
    assert_eq!(answer.status, 415);
}
