//! The format of keys.

use reqwest::{Method, header::HeaderValue};
use serde_json::json;

use super::Happened;
use crate::support::{Answer, Client, TestServer, send};

const INCIDENTS: &str = "/api/v1/incidents";

async fn open_with(client: &Client, keys: &[&[u8]]) -> Answer {
    let mut request = client.request(Method::POST, INCIDENTS).json(&json!({"title": "t"}));
    for key in keys {
        request = request.header("Idempotency-Key", HeaderValue::from_bytes(key).expect("a header value"));
    }
    send(request).await
}

#[tokio::test]
async fn a_key_is_the_same_quoted_and_bare() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let longest = "k".repeat(255);
    let (quoted, quoted_shorter) = (format!("\"{longest}\""), format!("\"{}\"", &longest[1..]));
    for (opened, [bare, quoted]) in [
        ["8e03978e-40d5-43dd-bc93-6894a57f9324", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""],
        ["8E03978E-40D5-43DD-BC93-6894A57F9324", "\"8E03978E-40D5-43DD-BC93-6894A57F9324\""],
        ["k", "\"k\""],
        ["a key, with: (all) that {is} ~printable~", "\"a key, with: (all) that {is} ~printable~\""],
        ["\\", "\"\\\\\""],
        ["half\"quoted", "\"half\\\"quoted\""],
        [&longest, &quoted],
        [&longest[1..], &quoted_shorter],
    ]
    .into_iter()
    .enumerate()
    {
        let first = open_with(&client, &[bare.as_bytes()]).await;
        assert_eq!((first.status.as_u16(), first.is_replayed()), (201, false), "{bare}");
        let again = open_with(&client, &[quoted.as_bytes()]).await;
        assert_eq!((again.replayable_parts(), again.is_replayed()), (first.replayable_parts(), true), "{quoted}");
        assert_eq!(client.get(INCIDENTS).await.body["total"], opened + 1, "{bare}");
    }
}

#[tokio::test]
async fn an_invalid_key_is_refused_without_an_effect() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let client = server.person("responder").await.client;
    let (too_long, quoted_too_long) = ("k".repeat(256), format!("\"{}\"", "k".repeat(256)));
    let before = Happened::seen_by(root).await;
    let no_keys: &[&[&[u8]]] = &[
        &[b""],
        &[b"\"\""],
        &[b"  "],
        &[too_long.as_bytes()],
        &[quoted_too_long.as_bytes()],
        &["sch\u{f6}n".as_bytes()],
        &[b"\xff"],
        &[b"a\tb"],
        &[b"\"a\tb\""],
        &[b"\""],
        &[b"\"open"],
        &[b"\"a\"b\""],
        &[b"\"a\" \"b\""],
        &[b"\"a\\\""],
        &[b"\"a\\b\""],
        &[b"\"a\";parameter=1"],
        &[b"a", b"a"],
        &[b"a", b"b"],
        &[b"", b"a"],
    ];
    for keys in no_keys {
        let refused = open_with(&client, keys).await;
        assert_eq!(refused.code(), (400, "bad_header"), "{keys:?}: {refused:?}");
        let detail = refused.text_of("detail");
        assert!(detail.starts_with("Idempotency-Key "), "{detail}");
    }
    assert_eq!(Happened::seen_by(root).await, before);
    assert_eq!(root.get(INCIDENTS).await.body["total"], 0);
    assert_eq!(open_with(&client, &[b"a"]).await.status, 201, "no key was used by it");
}
