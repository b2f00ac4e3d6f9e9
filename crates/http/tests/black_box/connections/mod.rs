//! Connections as programs other than ours use them: bytes on a socket.

mod bodies;
mod http2;
mod limits;
mod messages;
mod stopping;

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::scene::Client;

/// Long enough for everything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";
const LAST_LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

async fn connect(client: &Client) -> TcpStream {
    let address = client.url.strip_prefix("http://").expect("an address");
    TcpStream::connect(address).await.expect("a connection")
}

/// Opens a connection and sends these bytes.
async fn send(client: &Client, text: &str) -> TcpStream {
    let mut stream = connect(client).await;
    stream.write_all(text.as_bytes()).await.expect("sent");
    stream
}

/// Reads until the server closes the connection in good order.
async fn read_all(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("the server closes the connection").expect("no reset");
    String::from_utf8(answer).expect("text")
}

/// The status, the lower-case head and the body of a response that is the only one in this text.
fn parts(answer: &str) -> (u16, String, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    (status, head.to_lowercase(), body)
}

/// Checks that the text is one complete problem, and returns its status and code.
fn problem(answer: &str) -> (u16, String) {
    let (status, head, body) = parts(answer);
    assert!(head.contains("\r\ncontent-type: application/problem+json"), "{answer}");
    assert!(head.contains("\r\nx-request-id: "), "{answer}");
    assert!(head.contains("\r\nx-content-type-options: nosniff"), "{answer}");
    assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())), "{answer}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["status"], status, "{answer}");
    (status, body["code"].as_str().expect("a code").to_owned())
}
