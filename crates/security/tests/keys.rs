//! What a signing key may be made of. The files were made by `openssl genpkey` and `openssl pkcs8`; the key of
//! `rfc8410.pem` is the example of RFC 8410, section 10.3.

use incident_security::{CheckingKey, KeyError, SigningAlgorithm, SigningKey};

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
fn private_and_public_key_have_one_id_and_no_other_key_has_it() {
    let id = signing(PRIVATE);
    assert!(id.is_ok(), "{id:?}");
    assert_eq!(checking(PRIVATE), id);
    assert_eq!(checking(PUBLIC), id);
    assert!(signing(OTHER).is_ok());
    assert_ne!(signing(OTHER), id);
}

#[test]
fn how_the_lines_of_a_file_end_does_not_matter() {
    for text in [PRIVATE.replace('\n', "\r\n"), PRIVATE.trim().to_owned(), format!("\n  {PRIVATE}\n\n")] {
        assert_eq!(signing(&text), signing(PRIVATE), "{text:?}");
    }
}

#[test]
fn what_is_no_ed25519_key_is_refused_with_the_reason() {
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

/// Whoever has the public key, which is meant to be known, could otherwise sign.
#[test]
fn a_key_file_is_no_secret() {
    for material in [PUBLIC.to_owned(), PRIVATE.to_owned(), format!("\n{PUBLIC}")] {
        let signing = SigningKey::try_new(SigningAlgorithm::Hs256, material.as_bytes()).map(drop);
        let checking = CheckingKey::try_new(SigningAlgorithm::Hs256, material.as_bytes()).map(drop);
        assert_eq!((signing, checking), (Err(KeyError::SecretIsPem), Err(KeyError::SecretIsPem)), "{material}");
    }
}

#[test]
fn neither_a_key_nor_an_error_shows_what_it_was_made_of() {
    let secret_line = PRIVATE.lines().nth(1).map(|line| &line[line.len() - 20..]).unwrap_or_default();
    assert_eq!(secret_line.len(), 20);
    let key = SigningKey::try_new(SigningAlgorithm::EdDsa, PRIVATE.as_bytes());
    let encrypted = SigningKey::try_new(SigningAlgorithm::EdDsa, ENCRYPTED.as_bytes());
    for shown in [format!("{key:?} {key:#?}"), format!("{encrypted:?}")] {
        assert!(!shown.contains(secret_line) && !shown.contains("BEGIN"), "{shown}");
    }
}
