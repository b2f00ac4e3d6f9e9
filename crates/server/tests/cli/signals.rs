//! Signals, and a log that nobody reads.

use std::{fs, process::Stdio, time::Duration};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

const SETTINGS: [(&str, &str); 3] = [
    ("DATABASE_URL", "sqlite://served.db"),
    ("SECRET_KEY", "a secret key that only tests know of"),
    ("TIMELINE_KEY", "a timeline key that only tests know"),
];

/// A server on a new database, with other settings than usual.
fn serve(folder: &TempDir, settings: &[(&str, &str)]) -> Server {
    assert_eq!(run(folder.path(), &["migrate", "up"], &SETTINGS).code, Some(0));
    let mut command = incident_server(folder.path(), &["serve", "--port", "0"]);
    command.envs(SETTINGS).envs(settings.iter().copied());
    Server::start(command)
}

async fn text(url: &str) -> String {
    reqwest::get(url).await.expect("a response").text().await.expect("text")
}

#[tokio::test]
async fn sigusr1_and_sigusr2_end_nothing_and_sighup_without_a_certificate_stops() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = serve(&folder, &[]);
    for signal in ["USR1", "USR2"] {
        server.signal(signal);
        assert_eq!(reqwest::get(format!("{}/health/live", server.url)).await.expect("a response").status(), 200);
    }
    server.signal("HUP");
    assert!(server.wait().success());
}

#[tokio::test]
async fn a_second_sigterm_ends_at_once() {
    let folder = TempDir::new().expect("a temporary folder");
    // A sign-in takes many seconds, and the server would wait for it as long as an hour.
    let server =
        serve(&folder, &[("BCRYPT_COST", "16"), ("STOP_TIMEOUT_SECONDS", "3600"), ("REQUEST_TIMEOUT_SECONDS", "3600")]);
    let login = reqwest::Client::new().post(format!("{}/api/v1/auth/login", server.url));
    let login = login.json(&json!({"email": "ada@example.org", "password": "correct horse battery staple"}));
    let signing_in = tokio::spawn(login.send());
    let metrics = format!("{}/metrics", server.url);
    while !text(&metrics).await.contains("incident_http_requests_in_flight 2") {
        tokio::task::yield_now().await;
    }
    server.terminate();
    // It no longer accepts connections once it stops.
    while reqwest::get(&metrics).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!signing_in.is_finished(), "the first signal waits for requests");
    server.terminate();
    assert_eq!(server.wait().code(), Some(143));
    assert!(signing_in.await.expect("no panic").is_err());
}

#[tokio::test]
async fn sighup_reads_the_certificate_again() {
    let folder = TempDir::new().expect("a temporary folder");
    let replace = || {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate");
        fs::write(folder.path().join("server.pem"), cert.pem()).expect("written");
        fs::write(folder.path().join("server.key"), signing_key.serialize_pem()).expect("written");
    };
    replace();
    let tls = [("TLS_CERTIFICATE_FILE", "server.pem"), ("TLS_KEY_FILE", "server.key")];
    let server = serve(&folder, &tls);
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let settings: Vec<_> = SETTINGS.into_iter().chain(tls).chain([("API_PORT", port.as_str())]).collect();
    // `health` trusts the certificate in the file only.
    let health = || run(folder.path(), &["health"], &settings).code;
    assert_eq!(health(), Some(0));
    replace();
    assert_ne!(health(), Some(0), "the server still has the previous certificate");
    server.signal("HUP");
    let reloaded = async {
        while health() != Some(0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reloaded).await.expect("the new certificate");
    // A file that cannot be used changes nothing.
    fs::write(folder.path().join("server.key"), "no key").expect("written");
    server.signal("HUP");
    assert!(server.stop().success());
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    assert_eq!(run(folder.path(), &["migrate", "up"], &SETTINGS).code, Some(0));
    let mut command = incident_server(folder.path(), &["serve", "--port", "0"]);
    command.envs(SETTINGS).stderr(Stdio::piped());
    let server = Server::start_with_log(command);
    let (http, live) = (reqwest::Client::new(), format!("{}/health/live", server.url));
    // The pipe holds some hundred lines, and the queue some thousand.
    let requests = async {
        for _ in 0..10_000 {
            assert_eq!(http.get(&live).send().await.expect("a response").status(), 200);
        }
    };
    tokio::time::timeout(Duration::from_mins(5), requests).await.expect("all are answered");
    let metrics = text(&format!("{}/metrics", server.url)).await;
    let dropped = metrics.lines().find_map(|line| line.strip_prefix("incident_log_lines_dropped_total "));
    assert!(dropped.expect("the metric").parse::<u64>().expect("a number") > 0, "{dropped:?}");
    assert!(server.stop().success());
}
