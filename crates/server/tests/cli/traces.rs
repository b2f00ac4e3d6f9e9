//! Traces that a collector receives.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

const SECRETS: [(&str, &str); 3] = [
    ("DATABASE_URL", "sqlite://traced.db"),
    ("SECRET_KEY", "a secret key that only tests know of"),
    ("TIMELINE_KEY", "a timeline key that only tests know"),
];

/// Longer than the server waits for a collector.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A collector that speaks OTLP over HTTP.
struct Collector {
    address: SocketAddr,
    received: Receiver<Span>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, received) = channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (connection, sender) = (connection.expect("a connection"), sender.clone());
                thread::spawn(move || receive(connection, &sender));
            }
        });
        Self { address, received }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the received spans up to one with this name.
    fn until(&self, name: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        while spans.last().is_none_or(|span: &Span| span.name != name) {
            spans.push(self.received.recv_timeout(TIMEOUT).expect(name));
        }
        spans
    }
}

/// Receives the spans of one connection, and confirms each request.
fn receive(connection: TcpStream, sender: &Sender<Span>) {
    let mut reader = BufReader::new(connection.try_clone().expect("a handle"));
    let mut writer = connection;
    while let Some((request, body)) = read_request(&mut reader) {
        assert!(request.starts_with("POST /v1/traces HTTP/1.1"), "{request}");
        let export = ExportTraceServiceRequest::decode(body.as_slice()).expect("OTLP");
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        writer.write_all(answer.as_bytes()).expect("the server reads");
        let scopes = export.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        for span in scopes.flat_map(|scope| scope.spans) {
            // Fails after the test has ended.
            let _ = sender.send(span);
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut request, mut length) = (String::new(), 0);
    reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    Some((request, body))
}

fn attribute(span: &Span, key: &str) -> String {
    let value = span.attributes.iter().find(|attribute| attribute.key == key).and_then(|found| found.value.clone());
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key} is {other:?}: {span:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn serve(folder: &TempDir, collector: &str) -> Server {
    let mut command = incident_server(folder.path(), &["serve", "--port", "0"]);
    command.envs(SECRETS).env("OTLP_ENDPOINT", collector);
    Server::start(command)
}

#[tokio::test]
async fn a_request_is_a_span_in_the_trace_of_its_client() {
    let folder = TempDir::new().expect("a temporary folder");
    assert_eq!(run(folder.path(), &["migrate", "up"], &SECRETS).code, Some(0));
    let made = run(folder.path(), &["user", "create-admin", "--email", "ada@example.org"], &SECRETS);
    let password = made.stdout.lines().find_map(|line| line.strip_prefix("admin password: ")).expect("a password");
    let collector = Collector::start();
    let server = serve(&folder, &collector.url());

    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let http = reqwest::Client::new();
    let login = http.post(format!("{}/api/v1/auth/login", server.url));
    let login = login.header("traceparent", format!("00-{trace}-{parent}-01")).header("x-request-id", "traced-1");
    let answer = login.json(&json!({"email": "ada@example.org", "password": password})).send().await;
    assert_eq!(answer.expect("a response").status(), 200);
    let unknown = http.get(format!("{}/api/v1/incidents/INC-1?q=secret", server.url));
    assert_eq!(unknown.header("traceparent", "00-nonsense").send().await.expect("a response").status(), 401);
    // The server sends the last spans when it stops.
    assert!(server.stop().success());

    let spans = collector.until("GET /api/v1/incidents/{id}");
    let login = spans.iter().find(|span| span.name == "POST /api/v1/auth/login").expect("the sign-in");
    assert_eq!((hex(&login.trace_id), hex(&login.parent_span_id)), (trace.to_owned(), parent.to_owned()));
    assert_eq!(login.kind, SpanKind::Server as i32);
    for (key, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/auth/login"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/v1/auth/login"),
        ("request_id", "traced-1"),
    ] {
        assert_eq!(attribute(login, key), value, "{key}");
    }
    // Maintenance tasks commit too, in traces of their own.
    let is_below = |span: &&Span| span.name == "commit" && span.parent_span_id == login.span_id;
    let commit = spans.iter().find(is_below).expect("the commit of the sign-in");
    assert_eq!(commit.trace_id, login.trace_id);

    let refused = spans.last().expect("the last");
    assert_eq!(refused.parent_span_id, [0; 0], "an invalid traceparent starts a new trace");
    assert_ne!(hex(&refused.trace_id), trace);
    assert_ne!(
        refused.status.as_ref().map_or(0, |status| status.code),
        StatusCode::Error as i32,
        "an error of the client"
    );
    assert!(!format!("{spans:?}").contains("secret") && !format!("{spans:?}").contains(password), "{spans:?}");
}

#[tokio::test]
async fn a_collector_that_does_not_respond_delays_no_request() {
    let folder = TempDir::new().expect("a temporary folder");
    assert_eq!(run(folder.path(), &["migrate", "up"], &SECRETS).code, Some(0));
    // It accepts connections, and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = serve(&folder, &format!("http://{}", silent.local_addr().expect("an address")));
    let http = reqwest::Client::new();
    // More spans than the server keeps.
    for _ in 0..4_000 {
        let answer = http.get(format!("{}/health/live", server.url)).timeout(TIMEOUT).send().await;
        assert_eq!(answer.expect("a response").status(), 200);
    }
    assert!(server.stop().success(), "the server stops nevertheless");
}
