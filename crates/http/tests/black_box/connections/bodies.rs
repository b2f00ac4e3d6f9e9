//! Request bodies: their size, their coding, and their memory.

use std::time::Duration;

use incident_domain::kernel::Role;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{parts, problem, read_all, send};
use crate::scene::{Client, Scene};

async fn signed_in(scene: Scene) -> (Client, String) {
    scene.user("ada@example.org", Role::Responder).await;
    let (client, tokens) = scene.start().sign_in("ada@example.org").await;
    (client, tokens["access_token"].as_str().expect("a token").to_owned())
}

fn post(path: &str, headers: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\n\r\n"
    )
}

#[tokio::test]
async fn what_needs_no_token_takes_only_short_bodies() {
    let (client, token) = signed_in(Scene::new()).await;
    let login = "/api/v1/auth/login";
    // It is refused before it is sent.
    let refused = read_all(send(&client, &post(login, "", 16 * 1024 + 1)).await).await;
    assert_eq!(problem(&refused), (413, "body_too_large".to_owned()));
    // Its length is not declared.
    let chunked = "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\
                   Transfer-Encoding: chunked\r\n\r\n4001\r\n";
    let mut stream = send(&client, chunked).await;
    stream.write_all(&vec![b' '; 0x4001]).await.expect("sent");
    assert_eq!(problem(&read_all(stream).await), (413, "body_too_large".to_owned()));
    let long = json!({"email": "ada@example.org", "password": "x".repeat(15_000)});
    assert_ne!(client.post("/auth/login", long).await.status, 413);
    // With a token, it may be 1 MiB.
    let authorization = format!("Authorization: Bearer {token}\r\n");
    for headers in [authorization.clone(), authorization + "Idempotency-Key: k\r\n"] {
        let refused = read_all(send(&client, &post("/api/v1/incidents", &headers, 1024 * 1024 + 1)).await).await;
        assert_eq!(problem(&refused), (413, "body_too_large".to_owned()));
    }
    let long = client.post("/incidents", json!({"title": "t", "description": "x".repeat(1_000_000)})).await;
    assert_eq!(long.status, 422, "{}", long.text);
}

#[tokio::test]
async fn compressed_bodies_are_refused_by_name() {
    let (client, _) = signed_in(Scene::new()).await;
    for (coding, named) in
        [("gzip", "gzip"), ("BR", "br"), ("identity, deflate", "deflate"), ("x-unknown", "x-unknown")]
    {
        for client in [
            client.with("Content-Encoding", coding),
            client.with("Content-Encoding", coding).with("Idempotency-Key", "k"),
        ] {
            let refused = client.post("/incidents", json!({"title": "checkout answers 500"})).await;
            assert_eq!(refused.code(), (415, "unsupported_media_type"), "{coding}");
            assert_eq!(refused.header("accept-encoding"), "identity", "{coding}");
            assert!(refused.body["detail"].as_str().expect("text").contains(&format!("`{named}`")), "{}", refused.text);
        }
    }
    for coding in ["identity", ""] {
        let opened = client.with("Content-Encoding", coding).post("/incidents", json!({"title": "t"})).await;
        assert_eq!(opened.status, 201, "{coding}: {}", opened.text);
    }
}

#[tokio::test]
async fn bodies_beyond_the_budget_of_the_server_are_refused_and_others_served() {
    let mut scene = Scene::new();
    scene.settings.connection_limits.body_bytes_max = 1_000;
    let (client, token) = signed_in(scene).await;
    let head = post("/api/v1/incidents", &format!("Authorization: Bearer {token}\r\n"), 900);
    // What is declared does not count, only what has arrived.
    let declared = send(&client, &head).await;
    let mut unfinished = send(&client, &head).await;
    unfinished.write_all(&[b' '; 600]).await.expect("sent");
    let refused = loop {
        let mut other = send(&client, &head).await;
        other.write_all(&[b' '; 600]).await.expect("sent");
        other.shutdown().await.expect("shut down");
        let answer = read_all(other).await;
        // The first body may not have been read yet.
        if parts(&answer).0 == 503 {
            break answer;
        }
    };
    assert_eq!(problem(&refused), (503, "overloaded".to_owned()));
    assert!(parts(&refused).1.contains("\r\nretry-after: "), "{refused}");
    assert_eq!(client.get("/incidents").await.status, 200);
    drop((unfinished, declared));
    // The server notices the disconnect a moment later.
    while client.post("/incidents", json!({"title": "t", "description": "x".repeat(800)})).await.status == 503 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_without_progress_is_a_408() {
    let mut scene = Scene::new();
    scene.settings.connection_timeouts.body_progress = Duration::from_millis(50);
    let (client, token) = signed_in(scene).await;
    for (path, headers) in [
        ("/api/v1/auth/login", String::new()),
        ("/api/v1/incidents", format!("Authorization: Bearer {token}\r\n")),
        ("/api/v1/incidents", format!("Authorization: Bearer {token}\r\nIdempotency-Key: k\r\n")),
    ] {
        let answer = read_all(send(&client, &(post(path, &headers, 100) + "{")).await).await;
        assert_eq!(problem(&answer), (408, "request_timeout".to_owned()), "{path}");
    }
}
