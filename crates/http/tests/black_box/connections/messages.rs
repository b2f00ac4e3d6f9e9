//! Requests and responses on one connection.

use std::time::Duration;

use incident_domain::kernel::Role;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{LAST_LIVE, LIVE, parts, problem, read_all, send};
use crate::scene::Scene;

/// actix-http 3.20 keeps what it knows of a request in flags of the connection: with both requests in one packet, the
/// response to HEAD had the body of the one to GET, which had none.
#[tokio::test]
async fn pipelined_head_and_get_get_their_own_bodies() {
    let client = Scene::new().start();
    let live = |method: &str, rest: &str| format!("{method} /health/live HTTP/1.1\r\nHost: h\r\n{rest}\r\n");
    let both = live("HEAD", "") + &live("GET", "") + &live("HEAD", "") + &live("GET", "Connection: close\r\n");
    let answer = read_all(send(&client, &both).await).await;
    let mut rest = answer.as_str();
    for has_body in [false, true, false, true] {
        let (status, head, body) = parts(rest);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let length: usize = length.parse().expect("a number");
        assert_eq!((status, length > 0), (200, true), "{answer}");
        rest = &body[if has_body { length } else { 0 }..];
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    assert_eq!(rest, "");
}

#[tokio::test]
async fn http_1_0_gets_exports_that_end_with_the_connection() {
    let scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    let (client, tokens) = scene.start().sign_in("ada@example.org").await;
    client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    let token = tokens["access_token"].as_str().expect("a token");
    let ask = |version: &str| {
        let close = if version == "1.1" { "Connection: close\r\n" } else { "" };
        format!(
            "GET /api/v1/incidents/export HTTP/{version}\r\nHost: h\r\nAuthorization: Bearer {token}\r\n{close}\r\n"
        )
    };
    let answer = read_all(send(&client, &ask("1.0")).await).await;
    let (status, head, body) = parts(&answer);
    assert_eq!(status, 200, "{answer}");
    assert!(!head.contains("transfer-encoding"), "{answer}");
    assert!(body.contains("checkout answers 500") && body.ends_with('\n'), "{answer}");
    let chunked = read_all(send(&client, &ask("1.1")).await).await;
    assert!(parts(&chunked).1.contains("\r\ntransfer-encoding: chunked"), "{chunked}");
}

#[tokio::test]
async fn what_is_not_a_request_gets_a_problem() {
    let client = Scene::new().start();
    let long = format!("GET /health/live HTTP/1.1\r\nHost: h\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("GET /health/live HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(200));
    for (bytes, status, code) in [
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "bad_request"),
        ("G@T / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        ("GET / HTTP/7.7\r\n\r\n", 400, "bad_request"),
        ("GET / / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        ("\x16\x03\x01\x02\r\n\r\n", 400, "bad_request"),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "bad_request"),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "bad_request"),
        (&long, 431, "head_too_large"),
        (&many, 431, "head_too_large"),
    ] {
        let answer = read_all(send(&client, bytes).await).await;
        let shown = &bytes[..bytes.len().min(40)];
        assert_eq!(problem(&answer), (status, code.to_owned()), "{shown:?}");
        assert!(parts(&answer).1.contains("\r\nconnection: close"), "{shown:?}");
    }
    // After other requests, in the same packet.
    let answer = read_all(send(&client, &format!("{LIVE}{LIVE}nonsense\r\n\r\n")).await).await;
    let (live, refused) = answer.split_at(answer.rfind("HTTP/1.1 ").expect("a response"));
    assert_eq!(live.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answer}");
    assert_eq!(problem(refused), (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn a_slow_head_gets_a_problem_and_an_idle_connection_ends_without_one() {
    let mut scene = Scene::new();
    scene.settings.connection_timeouts.request_head = Duration::from_millis(50);
    let client = scene.start();
    let slow = read_all(send(&client, "GET /health/live HT").await).await;
    assert_eq!(problem(&slow), (408, "request_timeout".to_owned()));
    assert_eq!(read_all(send(&client, "").await).await, "");
    let idle = read_all(send(&client, LIVE).await).await;
    assert_eq!((parts(&idle).0, idle.matches("HTTP/1.1").count()), (200, 1), "{idle}");
}

#[tokio::test]
async fn a_client_that_closes_its_side_after_the_request_gets_the_response() {
    let client = Scene::new().start();
    let mut stream = send(&client, LIVE).await;
    stream.shutdown().await.expect("shut down");
    assert_eq!(parts(&read_all(stream).await).0, 200);
}

#[tokio::test]
async fn a_client_that_sends_its_whole_body_before_it_reads_gets_the_response() {
    let client = Scene::new().start();
    for length in [100, 20_000, 100_000, 8_000_000] {
        for path in ["/api/v1/auth/login", "/api/v1/incidents", "/nowhere"] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            );
            let mut stream = send(&client, &head).await;
            for _ in 0..length / 100 {
                stream.write_all(&[b'x'; 100]).await.expect("the server takes the body");
            }
            stream.shutdown().await.expect("the server takes the body");
            let answer = read_all(stream).await;
            let status = parts(&answer).0;
            assert!((400..500).contains(&status), "{path} {length}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_connection_is_used_again_after_a_short_body_that_nobody_read() {
    let client = Scene::new().start();
    let refused = "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n";
    let mut stream = send(&client, refused).await;
    stream.write_all(b"0123456789").await.expect("sent");
    stream.write_all(LAST_LIVE.as_bytes()).await.expect("sent");
    let answer = read_all(stream).await;
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("HTTP/1.1 200 OK"), "{answer}");
}
