//! Secrets appear neither in the log, nor in responses, nor in the database.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{SECRET_KEY, TIMELINE_KEY, TestServer, Watch, new_email, new_password, part_of, watch};

#[test]
fn a_secret_in_the_log_is_found_even_if_it_becomes_known_later() {
    // Its own watch, so that the planted secrets do not fail other tests.
    let watch = Watch::default();
    let listener = watch.listen();
    let before = "ipt_0123456789abcdef0123456789abcdef";
    let alike = "ipt_9123456789abcdef0123456789abcdef";
    watch.register_secret(before);
    watch.register_secret("short");
    tracing::subscriber::with_default(watch.subscriber(), || {
        tracing::trace!(token = before, "planted");
        tracing::info!("it was {} short", "written later");
        tracing::debug!(?alike, "ends like a secret and is none");
        tracing::warn!("what is \"quoted\\here\" is escaped");
    });
    assert_eq!(listener.leaks().len(), 1, "{:?}", listener.leaks());
    watch.register_secret("it was written later");
    assert_eq!(listener.leaks().len(), 2, "{:?}", listener.leaks());
    watch.register_secret("is \"quoted\\here\" is");
    assert_eq!(listener.leaks().len(), 3, "{:?}", listener.leaks());
    assert_eq!(listener.lines_with("planted").len(), 1);

    let late = watch.listen();
    assert!(late.leaks().is_empty(), "earlier lines do not belong to this listener");
    assert_eq!(watch.secret_in(&format!("an answer with {before} in it")).as_deref(), Some(before));
    assert_eq!(watch.secret_in(alike), None);
}

#[tokio::test]
async fn the_log_contains_requests_and_statements_without_secrets() {
    let server = TestServer::start().await;
    let answer = server.client().log_in("unknown@example.org", &new_password()).await;
    let request_id = answer.header("x-request-id");
    let lines = server.log().lines_with(request_id);
    assert!(lines.iter().any(|line| line.contains("request served")), "{lines:?}");
    assert!(!server.log().lines_with("INSERT INTO").is_empty(), "the log contains statements");
    assert!(watch().secret_in(&format!("key={SECRET_KEY}")).is_some(), "the key is among the secrets");
    assert!(watch().secret_in(server.admin_password()).is_some());
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Returns the bytes that a token's digits encode.
fn random_bytes(token: &str) -> Vec<u8> {
    let digits = token.split_once('_').expect("a prefix").1;
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a digit")).collect()
}

/// Returns the parts of a request with a kept response, in every form from which its secrets could be guessed.
fn forms_of(body: &Value) -> Vec<Vec<u8>> {
    let body = serde_json::to_vec(body).expect("JSON");
    let hash = Sha256::digest(&body);
    let hex = hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    vec![
        hash.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        BASE64_STANDARD.encode(hash).into_bytes(),
        body,
    ]
}

/// Returns the secrets of requests and responses that are kept, and what would reveal them.
async fn secrets_of_kept_replies(server: &TestServer) -> Vec<Vec<u8>> {
    let person = server.person("admin").await;
    let (created, changed, set) = (new_password(), new_password(), new_password());
    let new = json!({"email": new_email(), "name": "Grace", "role": "viewer", "password": created});
    let change = json!({"current_password": person.password, "new_password": changed});
    let patch = json!({"password": set});
    let token = json!({"name": "nightly import", "role": "viewer"});
    let mut needles = Vec::new();
    for body in [&new, &change, &patch] {
        needles.extend(forms_of(body));
    }
    for _ in 0..2 {
        let created = person.client.post_once("/api/v1/users", "user", new.clone()).await;
        let of_user = created.header("location").to_owned();
        assert_eq!(person.client.patch_once(&of_user, "patch", patch.clone()).await.status, 200);
        assert_eq!(person.client.post_once("/api/v1/auth/password", "password", change.clone()).await.status, 204);
        let created = person.client.post_once("/api/v1/auth/api-tokens", "token", token.clone()).await;
        assert_eq!(created.status, 201);
        let secret = created.text_of("token");
        needles.extend([created.text.clone().into_bytes(), random_bytes(&secret)]);
        needles.push(secret.split_once('_').expect("digits").1.as_bytes().to_vec());
    }
    needles.extend([created, changed, set].map(String::into_bytes));
    needles
}

/// Returns every kind of credential in every state.
async fn secrets_of_all_kinds(server: &TestServer) -> (Vec<Vec<u8>>, String) {
    let person = server.person("admin").await;
    let other_session = person.sign_in_again(server).await;
    let (machine, _) = person.api_token("admin").await;
    let (revoked, id) = person.api_token("viewer").await;
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200);
    assert_eq!(person.client.delete(&format!("/api/v1/auth/api-tokens/{id}")).await.status, 204);
    let refreshed = person.client.refresh(&person.refresh_token).await;
    let retried = person.client.refresh(&person.refresh_token).await;
    let new = new_password();
    let change = json!({"current_password": person.password, "new_password": new});
    assert_eq!(person.client.post("/api/v1/auth/password", change).await.status, 204);
    let set = new_password();
    let other = server.person("viewer").await;
    assert_eq!(person.client.patch(&other.path(), json!({"password": set})).await.status, 200);
    let wrong = new_password();
    assert_eq!(server.client().log_in(&person.email, &wrong).await.status, 401);

    let valid_token = retried.text_of("refresh_token");
    let tokens = [
        machine.token.expect("a token"),
        revoked.token.expect("a token"),
        person.refresh_token,
        other_session.refresh_token,
        refreshed.text_of("refresh_token"),
        valid_token.clone(),
    ];
    let texts = [
        person.password,
        new,
        set,
        wrong,
        other.password,
        server.admin_password().to_owned(),
        SECRET_KEY.to_owned(),
        TIMELINE_KEY.to_owned(),
        person.client.token.clone().expect("a token"),
        refreshed.text_of("access_token"),
        other_session.client.token.expect("a token"),
    ];
    let signature = person.client.token.expect("a token").rsplit_once('.').expect("a signature").1.as_bytes().to_vec();
    let mut needles: Vec<Vec<u8>> = tokens.iter().map(|token| random_bytes(token)).collect();
    needles.extend(tokens.iter().map(|token| token.split_once('_').expect("digits").1.as_bytes().to_vec()));
    needles.extend(texts.map(String::into_bytes));
    needles.push(signature);
    (needles, valid_token)
}

#[tokio::test]
async fn the_database_contains_nothing_that_authenticates() {
    let server = TestServer::start().await;
    let (mut secrets, valid_token) = secrets_of_all_kinds(&server).await;
    secrets.extend(secrets_of_kept_replies(&server).await);
    let me = server.root().await.get("/api/v1/users/me").await;
    let session_id = part_of(server.root().await.token.as_deref().expect("a token"), 1)["sid"].clone();
    assert!(session_id.is_string());
    let known =
        [me.text_of("email").into_bytes(), Sha256::digest(valid_token.as_bytes()).to_vec(), b"nightly import".to_vec()];

    let values = server.database.every_value().await;
    let tables = ["users", "sessions", "refresh_tokens", "api_tokens", "actions", "events", "idempotent_replies"];
    for table in tables {
        let prefix = format!("{table}.");
        assert!(values.iter().any(|(column, _)| column.starts_with(&prefix)), "nothing was read of {table}");
    }
    for needle in &known {
        assert!(values.iter().any(|(_, value)| contains(value, needle)), "the search does not find {needle:?}");
    }
    for (column, value) in &values {
        let found = secrets.iter().find(|secret| contains(value, secret));
        assert!(found.is_none(), "{column} has {found:?} in {:?}", String::from_utf8_lossy(value));
    }

    let files: Vec<Vec<u8>> = server.database.files().iter().map(|file| fs::read(file).expect("readable")).collect();
    for needle in known.iter().filter(|_| !files.is_empty()) {
        assert!(files.iter().any(|file| contains(file, needle)), "the search does not find {needle:?}");
    }
    for secret in &secrets {
        assert!(!files.iter().any(|file| contains(file, secret)), "a file has {secret:?}");
    }
}
