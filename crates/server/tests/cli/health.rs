//! `health`: the probe of containers.

use std::{io::Write, net::TcpListener, thread};

use rcgen::generate_simple_self_signed;
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

const KEYS: [(&str, &str); 2] =
    [("SECRET_KEY", "0123456789abcdef0123456789abcdef"), ("TIMELINE_KEY", "fedcba9876543210fedcba9876543210")];
const DATABASE: (&str, &str) = ("DATABASE_URL", "sqlite://db/served.db");

#[test]
fn a_server_is_ready_once_its_schema_is_current() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut serve = incident_server(folder.path(), &["serve", "--host", "0.0.0.0", "--port", "0"]);
    serve.envs(KEYS).envs([DATABASE]);
    let server = Server::start(serve);
    let (_, port) = server.url.rsplit_once(':').expect("a port");
    let ask = || run(folder.path(), &["health"], &[("API_HOST", "0.0.0.0"), ("API_PORT", port)]);

    let without_schema = ask();
    assert_eq!(without_schema.code, Some(1), "{without_schema:?}");
    assert!(without_schema.stderr.contains("responds 503 Service Unavailable"), "{without_schema:?}");
    assert_eq!(run(folder.path(), &["migrate", "up"], &[DATABASE]).code, Some(0));
    let ready = ask();
    assert_eq!((ready.code, ready.stdout.as_str()), (Some(0), "ready\n"), "{ready:?}");

    let port = port.to_owned();
    server.stop();
    let stopped = run(folder.path(), &["health"], &[("API_PORT", &port)]);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert!(stopped.stderr.contains(&format!("no answer from 127.0.0.1:{port}")), "{stopped:?}");
}

#[test]
fn another_program_on_the_port_is_not_ready() {
    let folder = TempDir::new().expect("a temporary folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let other = thread::spawn(move || listener.accept().expect("a connection").0.write_all(b"hello\n"));
    let output = run(folder.path(), &["health"], &[("API_PORT", &port)]);
    assert_eq!(output.code, Some(1), "{output:?}");
    other.join().expect("no panic").expect("written");
}

#[test]
fn over_tls_only_the_configured_certificate_is_accepted() {
    let folder = TempDir::new().expect("a temporary folder");
    for name in ["ours", "other"] {
        let made = generate_simple_self_signed(["incidents.example.org".to_owned()]).expect("a certificate");
        let write = |file: String, text: String| std::fs::write(folder.path().join(file), text).expect("written");
        write(format!("{name}.pem"), made.cert.pem());
        write(format!("{name}.key"), made.signing_key.serialize_pem());
    }
    assert_eq!(run(folder.path(), &["migrate", "up"], &[DATABASE]).code, Some(0));
    let mut serve = incident_server(folder.path(), &["serve", "--port", "0"]);
    serve.envs(KEYS).envs([DATABASE, ("TLS_CERTIFICATE_FILE", "ours.pem"), ("TLS_KEY_FILE", "ours.key")]);
    let server = Server::start(serve);
    let (_, port) = server.url.rsplit_once(':').expect("a port");
    let ask = |certificate: &str| {
        let tls: &[_] = if certificate.is_empty() { &[] } else { &[("TLS_CERTIFICATE_FILE", certificate)] };
        run(folder.path(), &["health"], &[&[("API_PORT", port)], tls].concat())
    };

    let ready = ask("ours.pem");
    assert_eq!((ready.code, ready.stdout.as_str()), (Some(0), "ready\n"), "{ready:?}");
    let other = ask("other.pem");
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("shows another certificate than TLS_CERTIFICATE_FILE"), "{other:?}");
    let plain = ask("");
    assert_eq!(plain.code, Some(1), "{plain:?}");
}
