//! Forged, altered, stolen and expired tokens: all are refused.

mod made_up;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Person, SECRET_KEY, TestServer, part_of, send, watch};
use made_up::{Forgery, bearer, damaged, not_even_tokens, of_other_keys, of_this_key, signed, with};

/// Fewer would mean that some are no longer tried.
const FORGERIES_MIN: usize = 30;

/// An Ed25519 key pair from RFC 8410, sections 10.1 and 10.3.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
/// The raw key at the end of the public key's DER, in base64 for URLs.
const PUBLIC_KEY_X: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";

fn token_of(person: &Person) -> &str {
    person.client.token.as_deref().expect("signed in")
}

/// Returns tokens that were valid once.
async fn stale(server: &TestServer) -> Vec<Forgery> {
    let root = server.root().await;
    let mut forgeries = Vec::new();

    let person = server.person("admin").await;
    let other_session = person.sign_in_again(server).await;
    assert_eq!(person.client.post("/api/v1/auth/logout", json!({})).await.status, 204);
    forgeries.push(bearer("access token of a session that signed out", token_of(&person)));
    let revoked = root.delete(&format!("{}/sessions/{}", person.path(), other_session.session_id)).await;
    assert_eq!(revoked.status, 204);
    forgeries.push(bearer("access token of a revoked session", token_of(&other_session)));

    let person = server.person("admin").await;
    let (machine, id) = person.api_token("admin").await;
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200, "it was good");
    assert_eq!(person.client.delete(&format!("/api/v1/auth/api-tokens/{id}")).await.status, 204);
    forgeries.push(bearer("revoked API token", machine.token.as_deref().expect("a token")));

    let person = server.person("admin").await;
    let (machine, _) = person.api_token("admin").await;
    assert_eq!(person.client.get("/api/v1/users/me").await.status, 200, "it was good");
    assert_eq!(root.patch(&person.path(), json!({"is_active": false})).await.status, 200);
    forgeries.push(bearer("access token of an inactive user", token_of(&person)));
    forgeries.push(bearer("API token of an inactive user", machine.token.as_deref().expect("a token")));

    let person = server.person("admin").await;
    let (machine, _) = person.api_token("admin").await;
    assert_eq!(root.delete(&person.path()).await.status, 204);
    forgeries.push(bearer("access token of a deleted user", token_of(&person)));
    forgeries.push(bearer("API token of a deleted user", machine.token.as_deref().expect("a token")));
    forgeries
}

/// Sends each token to several operations, all of which must refuse it.
async fn refuse_all(server: &TestServer, forgeries: &[Forgery]) {
    let client = server.client();
    for (name, value) in forgeries {
        for (method, path) in [
            (Method::GET, "/api/v1/users/me"),
            (Method::GET, "/api/v1/incidents"),
            (Method::POST, "/api/v1/auth/logout"),
            (Method::DELETE, "/api/v1/auth/sessions"),
        ] {
            let request = client.request(method, path).header("Authorization", value.clone());
            let answer = send(request).await;
            assert_eq!(answer.status, 401, "{name}: {answer:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}: {answer:?}");
            let known = ["not_signed_in", "invalid_token", "token_expired", "session_ended", "api_token_ended"];
            assert!(known.contains(&answer.code().1), "{name}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn forged_and_stale_tokens_are_refused() {
    let server = TestServer::start().await;
    let (person, other) = (server.person("admin").await, server.person("admin").await);
    let (machine, _) = person.api_token("admin").await;
    let api_token = machine.token.as_deref().expect("a token");
    let good = token_of(&person);
    let (header, body) = (part_of(good, 0), part_of(good, 1));

    let own = signed(&header, &body, SECRET_KEY.as_bytes());
    let accepted = person.client.with_token(&own).get("/api/v1/users/me").await;
    assert_eq!(
        accepted.status, 200,
        "a token forged with the server's own key is accepted, so the forging works: {accepted:?}"
    );

    let mut forgeries = of_this_key(&header, &body);
    let other_session = with(&body, &json!({"sid": other.session_id}));
    forgeries.push(bearer("session of another user", &signed(&header, &other_session, SECRET_KEY.as_bytes())));
    forgeries.extend(of_other_keys(&header, &body));
    forgeries.extend(damaged(good, token_of(&other)));
    forgeries.extend(not_even_tokens(good, &person.refresh_token, api_token));
    forgeries.extend(stale(&server).await);
    println!("{} forged or stale tokens", forgeries.len());
    assert!(forgeries.len() >= FORGERIES_MIN, "only {}", forgeries.len());
    refuse_all(&server, &forgeries).await;
    for client in [&person.client, &machine, &other.client] {
        assert_eq!(
            client.get("/api/v1/users/me").await.status,
            200,
            "the token that the others were forged from is still valid"
        );
    }
}

#[tokio::test]
async fn expired_access_tokens_are_refused() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let (machine, _) = person.api_token("admin").await;
    server.database.age_rows("api_tokens", "expires_at", 91 * 86_400).await;
    let answer = machine.get("/api/v1/users/me").await;
    assert_eq!(answer.code(), (401, "api_token_ended"));
    let forgeries = [bearer("expired API token", machine.token.as_deref().expect("a token"))];
    refuse_all(&server, &forgeries).await;

    let (header, body) = (part_of(token_of(&person), 0), part_of(token_of(&person), 1));
    let expired = with(&body, &json!({"exp": body["iat"].as_i64().expect("seconds") - 1}));
    let expired = signed(&header, &expired, SECRET_KEY.as_bytes());
    let answer = person.client.with_token(&expired).get("/api/v1/users/me").await;
    assert_eq!(answer.code(), (401, "token_expired"), "a code of its own, so that clients know when to refresh");
}

#[tokio::test]
async fn the_refusal_of_a_token_reveals_nothing_about_it() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let signed_out = person.sign_in_again(&server).await;
    assert_eq!(signed_out.client.post("/api/v1/auth/logout", json!({})).await.status, 204);
    let unknown = person.client.with_token(&format!("ipt_{}", "5e".repeat(32)));
    let garbage = person.client.with_token("garbage");
    let anonymous = server.client();
    let mut wrong = Vec::new();
    let shown = [("ended", &signed_out.client), ("unknown", &unknown), ("garbage", &garbage), ("none", &anonymous)];
    for (token, client) in shown {
        for (method, path, body) in [
            (Method::POST, "/api/v1/users", "{}"),
            (Method::POST, "/api/v1/users", "{"),
            (Method::POST, "/api/v1/incidents", "{\"title\": 7}"),
            (Method::PATCH, "/api/v1/users/me", "{}"),
            (Method::PATCH, "/api/v1/users/nonsense", "{}"),
            (Method::GET, "/api/v1/users/nonsense", ""),
            (Method::GET, "/api/v1/users?page=0", ""),
            (Method::GET, "/api/v1/incidents?unknown=1", ""),
            (Method::GET, "/api/v1/incidents/nonsense", ""),
            (Method::DELETE, "/api/v1/auth/sessions/nonsense", ""),
        ] {
            let request = client.request(method.clone(), path).header("Content-Type", "application/json").body(body);
            let answer = send(request).await;
            if answer.status != 401 {
                wrong.push(format!("{:?} for {method} {path} {body} with token: {token}", answer.code()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_token_signed_with_the_public_key_is_refused() {
    watch().register_secret(PRIVATE_KEY.lines().nth(1).expect("the key in base64"));
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("signing.pem");
    std::fs::write(&file, PRIVATE_KEY).expect("the key is written");
    let file = file.to_str().expect("text");
    let server = TestServer::start_with(&[("ALGORITHM", "EdDSA"), ("SIGNING_KEY_FILE", file)]).await;
    let person = server.person("admin").await;
    let (header, body) = (part_of(token_of(&person), 0), part_of(token_of(&person), 1));
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{PUBLIC_KEY_X}"}}"#));
    assert_eq!(header["kid"], BASE64_URL_SAFE_NO_PAD.encode(thumbprint), "it is signed with this key");
    let raw = BASE64_URL_SAFE_NO_PAD.decode(PUBLIC_KEY_X).expect("base64");
    let mut forgeries = Vec::new();
    for (name, key) in [
        ("PEM", PUBLIC_KEY.as_bytes()),
        ("PEM without its last line break", PUBLIC_KEY.trim().as_bytes()),
        ("raw", &raw),
        ("base64", PUBLIC_KEY_X.as_bytes()),
        ("the HS256 key that is configured too", SECRET_KEY.as_bytes()),
    ] {
        for alg in ["HS256", "EdDSA"] {
            let header = with(&header, &json!({"alg": alg}));
            forgeries.push(bearer(&format!("{name}, {alg}"), &signed(&header, &body, key)));
        }
    }
    refuse_all(&server, &forgeries).await;
    assert!(person.is_signed_in().await);
}
