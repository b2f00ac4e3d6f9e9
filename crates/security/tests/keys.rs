//! The material of signing keys. The files come from `openssl genpkey` and `openssl pkcs8`; `rfc8410.pem` is the example of
//! RFC 8410, section 10.3.

use incident_security::{CheckingKey, KeyError, SigningAlgorithm, SigningKey, UnknownAlgorithm};

const PRIVATE: &str = include_str!("keys/rfc8410.pem");
const PUBLIC: &str = include_str!("keys/rfc8410.pub.pem");
const OTHER: &str = include_str!("keys/other.pem");
const ENCRYPTED: &str = include_str!("keys/encrypted.pem");
const ED448: &str = include_str!("keys/ed448.pem");
const P256: &str = include_str!("keys/p256.pem");
const P256_PUBLIC: &str = include_str!("keys/p256.pub.pem");
const P256_SEC1: &str = include_str!("keys/p256.sec1.pem");

fn signing(material: &str) -> Result<String, KeyError> {
    SigningKey::try_new(SigningAlgorithm::EdDsa, material.as_bytes()).map(|key| key.id().to_owned())
}

fn checking(material: &str) -> Result<String, KeyError> {
    CheckingKey::try_new(SigningAlgorithm::EdDsa, material.as_bytes()).map(|key| key.id().to_owned())
}

#[test]
fn a_private_and_its_public_key_have_the_same_unique_id() {
    let id = signing(PRIVATE);
    assert!(id.is_ok(), "{id:?}");
    assert_eq!(checking(PRIVATE), id);
    assert_eq!(checking(PUBLIC), id);
    assert!(signing(OTHER).is_ok());
    assert_ne!(signing(OTHER), id);
}

#[test]
fn line_endings_and_blank_lines_do_not_matter() {
    for text in [PRIVATE.replace('\n', "\r\n"), PRIVATE.trim().to_owned(), format!("\n  {PRIVATE}\n\n")] {
        assert_eq!(signing(&text), signing(PRIVATE), "{text:?}");
    }
}

#[test]
fn other_material_is_refused_with_the_reason() {
    let damaged = PRIVATE.replace("MC4CAQ", "MC4CAA");
    let cut = PRIVATE.replace("EdVhC", "");
    let without_end = PRIVATE.lines().take(2).collect::<Vec<_>>().join("\n");
    let certificate = PUBLIC.replace("PUBLIC KEY", "CERTIFICATE");
    for (material, both) in [
        ("", KeyError::NotPem),
        ("a secret of more than 32 bytes, as HS256 has it", KeyError::NotPem),
        ("-----BEGIN PRIVATE KEY", KeyError::NotPem),
        (ENCRYPTED, KeyError::IsEncrypted),
        (P256_SEC1, KeyError::OtherPem),
        (&certificate, KeyError::OtherPem),
        (ED448, KeyError::NotEd25519),
        (P256, KeyError::NotEd25519),
        (&damaged, KeyError::NotEd25519),
        (&cut, KeyError::NotEd25519),
        (&without_end, KeyError::NotEd25519),
    ] {
        assert_eq!(signing(material), Err(both), "{material}");
        assert_eq!(checking(material), Err(both), "{material}");
    }
    assert_eq!(signing(PUBLIC), Err(KeyError::IsPublic));
    assert_eq!(checking(P256_PUBLIC), Err(KeyError::NotEd25519));
    let not_utf8 = SigningKey::try_new(SigningAlgorithm::EdDsa, b"\xff\xfe").map(drop);
    assert_eq!(not_utf8, Err(KeyError::NotPem));
}

/// Otherwise every client that has the public key could sign.
#[test]
fn a_key_file_is_refused_as_a_secret() {
    for material in [PUBLIC.to_owned(), PRIVATE.to_owned(), format!("\n{PUBLIC}")] {
        let signing = SigningKey::try_new(SigningAlgorithm::Hs256, material.as_bytes()).map(drop);
        let checking = CheckingKey::try_new(SigningAlgorithm::Hs256, material.as_bytes()).map(drop);
        assert_eq!((signing, checking), (Err(KeyError::SecretIsPem), Err(KeyError::SecretIsPem)), "{material}");
    }
}

#[test]
fn neither_a_key_nor_an_error_shows_its_material() {
    let secret_line = PRIVATE.lines().nth(1).map(|line| &line[line.len() - 20..]).unwrap_or_default();
    assert_eq!(secret_line.len(), 20);
    let key = SigningKey::try_new(SigningAlgorithm::EdDsa, PRIVATE.as_bytes());
    let encrypted = SigningKey::try_new(SigningAlgorithm::EdDsa, ENCRYPTED.as_bytes());
    for shown in [format!("{key:?} {key:#?}"), format!("{encrypted:?}")] {
        assert!(!shown.contains(secret_line) && !shown.contains("BEGIN"), "{shown}");
    }
}

const SECRET: &[u8; 32] = b"a secret of exactly 32 bytes ...";

fn of_secret(secret: &[u8]) -> Result<String, KeyError> {
    SigningKey::try_new(SigningAlgorithm::Hs256, secret).map(|key| key.id().to_owned())
}

#[test]
fn a_secret_shorter_than_the_hash_is_refused() {
    assert!(of_secret(SECRET).is_ok());
    assert_eq!(of_secret(&SECRET[1..]), Err(KeyError::SecretTooShort { bytes: 31 }));
    assert_eq!(KeyError::SecretTooShort { bytes: 31 }.to_string(), "must have at least 32 bytes, has 31");
}

#[test]
fn debug_shows_neither_a_secret_nor_its_length() {
    let key = SigningKey::try_new(SigningAlgorithm::Hs256, SECRET).expect("a key");
    let expected = format!("SigningKey {{ id: \"{}\", algorithm: Hs256, .. }}", key.id());
    assert_eq!(format!("{key:?}"), expected);
    assert_eq!(format!("{:?}", CheckingKey::from(key)), expected.replace("Signing", "Checking"));
}

#[test]
fn the_id_of_a_secret_depends_only_on_the_secret() {
    assert_eq!(of_secret(SECRET), of_secret(SECRET));
    assert_ne!(of_secret(SECRET), of_secret(b"a secret of exactly 32 bytes .._"));
    assert_eq!(of_secret(SECRET).map(|id| id.len()), Ok(16));
}

#[test]
fn only_supported_algorithms_can_be_configured() {
    for (name, algorithm) in [("HS256", SigningAlgorithm::Hs256), ("EdDSA", SigningAlgorithm::EdDsa)] {
        assert_eq!(name.parse(), Ok(algorithm));
        assert_eq!(algorithm.to_string(), name);
    }
    for name in ["", "none", "hs256", "HS384", "HS512", "RS256", "ES256", "eddsa", "Ed25519"] {
        assert_eq!(name.parse::<SigningAlgorithm>(), Err(UnknownAlgorithm), "{name:?}");
    }
}
