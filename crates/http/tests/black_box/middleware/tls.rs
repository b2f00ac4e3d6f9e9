//! TLS with certificates made for the test, and clients that trust no others.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use incident_http::{TlsIdentity, TlsIdentityError};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};

use crate::scene::{Client, Scene};

/// A certificate for localhost and its key as PEM, and the certificate that clients must trust.
pub(crate) struct Certified {
    certificate: String,
    key: String,
    pub(crate) trusted: CertificateDer<'static>,
}

pub(crate) fn certified() -> Certified {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    Certified { certificate: cert.pem(), key: signing_key.serialize_pem(), trusted: cert.der().clone() }
}

impl Certified {
    pub(crate) fn identity(&self) -> TlsIdentity {
        TlsIdentity::parse(self.certificate.as_bytes(), self.key.as_bytes()).expect("an identity")
    }
}

fn start(certified: &Certified) -> Client {
    let mut scene = Scene::new();
    scene.settings.tls = Some(certified.identity());
    scene.start()
}

/// Opens a connection with TLS that offers one protocol.
pub(crate) fn connect(
    client: &Client,
    trusted: CertificateDer<'static>,
    protocol: &str,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let address = client.url.strip_prefix("http://").expect("an address");
    let mut roots = RootCertStore::empty();
    roots.add(trusted).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions").with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    Ok(StreamOwned::new(connection, TcpStream::connect(address)?))
}

/// Sends these bytes over TLS and returns the negotiated protocol and the response.
async fn send_tls(
    client: &Client,
    trusted: CertificateDer<'static>,
    protocol: &'static str,
    bytes: &'static [u8],
) -> Result<(Option<Vec<u8>>, Vec<u8>), std::io::Error> {
    let client = client.clone();
    let exchange = move || {
        let mut stream = connect(&client, trusted, protocol)?;
        stream.write_all(bytes)?;
        let mut answer = vec![0; 16 * 1024];
        let read = stream.read(&mut answer)?;
        answer.truncate(read);
        Ok((stream.conn.alpn_protocol().map(<[u8]>::to_vec), answer))
    };
    tokio::task::spawn_blocking(exchange).await.expect("no panic")
}

#[tokio::test]
async fn a_client_that_trusts_the_certificate_gets_a_response_with_strict_transport_security() {
    let certified = certified();
    let client = start(&certified);
    let request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answered = send_tls(&client, certified.trusted, "http/1.1", request).await;
    let (protocol, answer) = answered.expect("an answer");
    let answer = String::from_utf8(answer).expect("text");
    assert_eq!(protocol.as_deref(), Some(&b"http/1.1"[..]));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.to_lowercase().contains("\r\nstrict-transport-security: max-age=31536000\r\n"), "{answer}");
}

#[tokio::test]
async fn a_client_can_negotiate_http_2() {
    let certified = certified();
    let client = start(&certified);
    // The preface and empty settings (RFC 9113, section 3.4); a server begins with its own settings.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let answered = send_tls(&client, certified.trusted, "h2", preface).await;
    let (protocol, answer) = answered.expect("an answer");
    assert_eq!(protocol.as_deref(), Some(&b"h2"[..]));
    assert_eq!(answer.get(3..9), Some(&b"\x04\0\0\0\0\0"[..]), "a SETTINGS frame of the connection: {answer:?}");
}

#[tokio::test]
async fn a_client_that_trusts_another_certificate_cannot_connect() {
    let client = start(&certified());
    let refused =
        send_tls(&client, certified().trusted, "http/1.1", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let error = refused.expect_err("the certificate is not trusted").to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn a_replaced_certificate_counts_for_new_connections() {
    let (first, second) = (certified(), certified());
    let mut scene = Scene::new();
    scene.settings.tls = Some(first.identity());
    let (client, handle, _running) = scene.start_server();
    let request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answered = send_tls(&client, first.trusted.clone(), "http/1.1", request).await;
    assert!(answered.is_ok(), "{answered:?}");
    assert!(handle.replace_tls_identity(second.identity()));
    let refused = send_tls(&client, first.trusted, "http/1.1", request).await.expect_err("not trusted any more");
    assert!(refused.to_string().contains("invalid peer certificate"), "{refused}");
    assert!(send_tls(&client, second.trusted, "http/1.1", request).await.is_ok());
}

#[test]
fn an_unusable_certificate_and_an_unusable_key_are_distinguished() {
    use TlsIdentityError::{Certificate, Key};

    let (ours, other) = (certified(), certified());
    let refused = |certificate: &str, key: &str| {
        TlsIdentity::parse(certificate.as_bytes(), key.as_bytes()).expect_err("not usable")
    };
    assert_eq!(refused("", &ours.key), Certificate("has no certificate in PEM form".to_owned()));
    assert_eq!(refused(&ours.key, &ours.key), Certificate("has no certificate in PEM form".to_owned()));
    assert_eq!(refused(&ours.certificate, ""), Key("has no private key in PEM form".to_owned()));
    assert_eq!(refused(&ours.certificate, &other.key), Key("is not the key of the certificate".to_owned()));
    let (begin, end) = ("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n");
    for broken in [format!("{begin}AAAA\n{end}"), format!("{begin}!\n{end}"), begin.to_owned()] {
        let error = refused(&broken, &ours.key);
        assert!(matches!(error, Certificate(_)), "{broken}: {error:?}");
    }
}
