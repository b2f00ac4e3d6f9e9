//! Compression of long responses.

use std::io::Read;

use flate2::read::GzDecoder;
use incident_domain::kernel::Role;
use reqwest::Method;
use serde_json::json;

use super::send_raw;
use crate::scene::{Answer, Client, Scene};

async fn signed_in() -> Client {
    let scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    let (client, _) = scene.start().sign_in("ada@example.org").await;
    client
}

fn decoded(answer: &Answer) -> String {
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut text = String::new();
    GzDecoder::new(answer.bytes.as_slice()).read_to_string(&mut text).expect("gzip");
    text
}

#[tokio::test]
async fn a_long_response_is_compressed_if_the_client_accepts_gzip() {
    let client = signed_in().await;
    for _ in 0..5 {
        client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    }
    let plain = client.get("/incidents").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    for accepted in ["gzip", "deflate, gzip;q=0.5, br", "gzip, *;q=0.1"] {
        let answer = client.with("Accept-Encoding", accepted).get("/incidents").await;
        assert_eq!(decoded(&answer), plain.text, "{accepted}");
        assert!(answer.bytes.len() < plain.bytes.len() / 2, "{} of {} bytes", answer.bytes.len(), plain.bytes.len());
        assert_eq!((answer.header("content-type"), answer.header("vary")), ("application/json", "accept-encoding"));
    }
    for accepted in ["br", "*", "identity", "gzip;q=0", "identity;q=0", "nonsense;;"] {
        let answer = client.with("Accept-Encoding", accepted).get("/incidents").await;
        assert_eq!(
            (answer.status, answer.header("content-encoding"), &answer.text),
            (200, "", &plain.text),
            "{accepted}"
        );
    }
}

#[tokio::test]
async fn short_responses_problems_and_responses_with_an_entity_tag_are_not_compressed() {
    let client = signed_in().await.with("Accept-Encoding", "gzip");
    let opened = client.post("/incidents", json!({"title": "t", "description": "long ".repeat(1000)})).await;
    let path = format!("/incidents/{}", opened.body["number"].as_str().expect("a number"));
    let long_problem = json!({"title": 1, "x".repeat(2000): 1});
    for (answer, status) in [
        (client.send(Method::GET, "/health/live", None).await, 200),
        (client.get(&path).await, 200),
        (client.with("If-None-Match", opened.header("etag")).get(&path).await, 304),
        (client.with("If-Match", opened.header("etag")).patch(&path, json!({"title": "u"})).await, 200),
        (client.post("/incidents", long_problem).await, 422),
    ] {
        assert_eq!((answer.status, answer.header("content-encoding"), answer.header("vary")), (status, "", ""));
    }
}

#[tokio::test]
async fn a_stored_reply_is_compressed_as_each_request_accepts() {
    let client = signed_in().await;
    client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    let (client, comment) = (client.with("Idempotency-Key", "k"), json!({"message": "again ".repeat(500)}));
    let compressed = client.with("Accept-Encoding", "gzip");
    let first = compressed.post("/incidents/INC-1/logs", comment.clone()).await;
    let second = client.post("/incidents/INC-1/logs", comment.clone()).await;
    let third = compressed.post("/incidents/INC-1/logs", comment).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    for again in [&second, &third] {
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    }
    assert_eq!(second.header("content-encoding"), "");
    assert_eq!((decoded(&first), decoded(&third)), (second.text.clone(), second.text));
}

#[tokio::test]
async fn head_of_a_long_response_has_the_headers_of_get_and_no_body() {
    let client = signed_in().await;
    let ask = |method: &str, rest: &str| {
        format!("{method} /api/openapi.json HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n{rest}\r\n")
    };
    // Both on one connection: a body after the first response would be read as the head of the second.
    let answers = send_raw(&client, &(ask("HEAD", "") + &ask("GET", "Connection: close\r\n"))).await;
    let answers = String::from_utf8_lossy(&answers);
    let (head, rest) = answers.split_once("\r\n\r\n").expect("a head");
    let (get, body) = rest.split_once("\r\n\r\n").expect("another head");
    assert!(!body.is_empty());
    for head in [head, get] {
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-encoding: gzip"), "{head}");
    }
}
