//! Forgeries that need more than one algorithm or more than one kind of token.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64},
};
use hmac::{Hmac, KeyInit, Mac};
use incident_domain::{
    identity::{AccessClaims, SecretKind, TokenError, TokenIssuer, TokenSecret},
    kernel::{SessionId, Timestamp, UserId},
};
use incident_security::{CheckingKey, JwtIssuer, SigningAlgorithm, SigningKey, TokenNames};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

const SECRET: &[u8] = b"the secret of this server, 32 bytes and more";
const PRIVATE: &str = include_str!("keys/rfc8410.pem");
const PUBLIC: &str = include_str!("keys/rfc8410.pub.pem");
const OTHER_PRIVATE: &str = include_str!("keys/other.pem");
const P256_PRIVATE: &str = include_str!("keys/p256.pem");
const NOW_SECS: i64 = 1_780_000_000;
/// The length of a public key's DER before its 32 bytes (RFC 8410, section 4).
const PUBLIC_DER_HEAD: usize = 12;

fn ed_key(pem: &str) -> SigningKey {
    SigningKey::try_new(SigningAlgorithm::EdDsa, pem.as_bytes()).unwrap()
}

fn hs_key() -> SigningKey {
    SigningKey::try_new(SigningAlgorithm::Hs256, SECRET).unwrap()
}

fn server(current: SigningKey) -> JwtIssuer {
    let names = TokenNames { issuer: "incident-platform".to_owned(), audience: "incident-api".to_owned() };
    JwtIssuer::new(names, current)
}

/// Returns an issuer for every configuration with these two keys.
fn servers() -> [(&'static str, JwtIssuer); 5] {
    let public = CheckingKey::try_new(SigningAlgorithm::EdDsa, PUBLIC.as_bytes()).unwrap();
    [
        ("EdDSA", server(ed_key(PRIVATE))),
        ("HS256", server(hs_key())),
        ("EdDSA, HS256 retired", server(ed_key(PRIVATE)).accepting(hs_key())),
        ("HS256, EdDSA retired", server(hs_key()).accepting(ed_key(PRIVATE))),
        ("HS256, EdDSA retired by its public key", server(hs_key()).accepting(public)),
    ]
}

fn now() -> Timestamp {
    Timestamp::from_timestamp_secs(NOW_SECS).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        user_id: UserId::new(Uuid::from_u128(1)),
        session_id: SessionId::new(Uuid::from_u128(2)),
        issued_at: now(),
        expires_at: Timestamp::from_timestamp_secs(NOW_SECS + 900).unwrap(),
    }
}

fn body() -> Value {
    json!({"iss": "incident-platform", "aud": "incident-api", "sub": Uuid::from_u128(1).to_string(),
           "sid": Uuid::from_u128(2).to_string(), "iat": NOW_SECS, "exp": NOW_SECS + 900})
}

fn header(algorithm: &str, key_id: &str) -> Value {
    json!({"typ": "at+jwt", "alg": algorithm, "kid": key_id})
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    BASE64_STANDARD.decode(base64).unwrap()
}

fn message(header: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(body().to_string()))
}

fn by_hmac(header: &Value, secret: &[u8]) -> String {
    let message = message(header);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

fn by_ed25519(header: &Value, pem: &str) -> String {
    let message = message(header);
    let key = EncodingKey::from_ed_der(&der(pem));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn by_p256(key_id: &str) -> String {
    let header = Header { typ: Some("at+jwt".into()), kid: Some(key_id.into()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, &body(), &EncodingKey::from_ec_der(&der(P256_PRIVATE))).unwrap()
}

/// Returns tokens whose secret is a public form of the key.
fn by_the_public_key() -> Vec<(String, String)> {
    let spki = der(PUBLIC);
    let point = &spki[PUBLIC_DER_HEAD..];
    let known = [
        ("the PEM text", PUBLIC.as_bytes().to_vec()),
        ("the PEM text, trimmed", PUBLIC.trim().as_bytes().to_vec()),
        ("the DER", spki.clone()),
        ("the 32 bytes", point.to_vec()),
        ("the x of the JWK", BASE64.encode(point).into_bytes()),
        ("the key id", ed_key(PRIVATE).id().as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ];
    let mut forgeries = Vec::new();
    for (what, secret) in known {
        for key_id in [ed_key(PRIVATE).id(), hs_key().id()] {
            for algorithm in ["HS256", "HS384", "EdDSA"] {
                let forged = by_hmac(&header(algorithm, key_id), &secret);
                forgeries.push((format!("HMAC by {what}, claims {algorithm} and {key_id}"), forged));
            }
        }
    }
    forgeries
}

fn by_the_wrong_algorithm() -> Vec<(String, String)> {
    let (ed, hs) = (ed_key(PRIVATE).id().to_owned(), hs_key().id().to_owned());
    let good = by_ed25519(&header("EdDSA", &ed), PRIVATE);
    let message = good.rsplit_once('.').unwrap().0;
    let named = |name: &str, token: String| (name.to_owned(), token);
    vec![
        named("our secret under our Ed25519 key's id", by_hmac(&header("HS256", &ed), SECRET)),
        named("our secret, claims EdDSA", by_hmac(&header("EdDSA", &hs), SECRET)),
        named("our secret, claims EdDSA under that key's id", by_hmac(&header("EdDSA", &ed), SECRET)),
        named("our Ed25519 key under our secret's id", by_ed25519(&header("EdDSA", &hs), PRIVATE)),
        named("our Ed25519 key, claims HS256", by_ed25519(&header("HS256", &ed), PRIVATE)),
        named("our Ed25519 key, claims HS256 under its id", by_ed25519(&header("HS256", &hs), PRIVATE)),
        named("our Ed25519 key, claims none", by_ed25519(&header("none", &ed), PRIVATE)),
        named("our Ed25519 key, claims Ed25519", by_ed25519(&header("Ed25519", &ed), PRIVATE)),
        named("our Ed25519 key, claims eddsa", by_ed25519(&header("eddsa", &ed), PRIVATE)),
        named("another Ed25519 key under our key's id", by_ed25519(&header("EdDSA", &ed), OTHER_PRIVATE)),
        named("another Ed25519 key", by_ed25519(&header("EdDSA", ed_key(OTHER_PRIVATE).id()), OTHER_PRIVATE)),
        named("an elliptic curve's key under our key's id", by_p256(&ed)),
        named("an elliptic curve's key under our secret's id", by_p256(&hs)),
        named("no signature", format!("{message}.")),
        named("signature of zeros", format!("{message}.{}", BASE64.encode([0; 64]))),
        named("signature of 63 bytes", format!("{message}.{}", BASE64.encode([1; 63]))),
        named("signature of 65 bytes", format!("{message}.{}", BASE64.encode([1; 65]))),
        named("signature as long as an HMAC", format!("{message}.{}", BASE64.encode([1; 32]))),
        named("signature with another s for the same point", format!("{message}.{}", malleated(&good))),
    ]
}

/// The signature with the group's order added to s, which some verifiers accept (RFC 8032, section 8.4).
fn malleated(token: &str) -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = BASE64.decode(token.rsplit_once('.').unwrap().1).unwrap();
    let mut carry = 0;
    for (byte, added) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(added) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "it still fits");
    BASE64.encode(signature)
}

/// Returns tokens of the right key for another purpose.
fn of_the_wrong_kind() -> Vec<(String, String)> {
    let named = |name: &str, token: String| (name.to_owned(), token);
    let text = |kind| TokenSecret::new(kind, &[0xa5; 32]).expose().to_owned();
    let mut others = vec![
        named("a refresh token", text(SecretKind::RefreshToken)),
        named("an API token", text(SecretKind::ApiToken)),
        named("a refresh token as a signature", {
            format!("{}.{}", message(&header("HS256", hs_key().id())), text(SecretKind::RefreshToken))
        }),
    ];
    let (ed, hs) = (ed_key(PRIVATE), hs_key());
    for kind in ["JWT", "rt+jwt", "id+jwt", "logout+jwt", "application/at+jwt", "AT+JWT", ""] {
        let mut by_ed = header("EdDSA", ed.id());
        by_ed["typ"] = json!(kind);
        others.push((format!("EdDSA, type {kind:?}"), by_ed25519(&by_ed, PRIVATE)));
        let mut by_hs = header("HS256", hs.id());
        by_hs["typ"] = json!(kind);
        others.push((format!("HS256, type {kind:?}"), by_hmac(&by_hs, SECRET)));
    }
    others
}

#[test]
fn no_confusion_of_algorithms_or_kinds_is_accepted() {
    let forgeries = [by_the_public_key(), by_the_wrong_algorithm(), of_the_wrong_kind()].concat();
    assert!(forgeries.len() >= 70, "{}", forgeries.len());
    for (server, issuer) in servers() {
        for (kind, token) in &forgeries {
            assert_eq!(issuer.check(token, now()), Err(TokenError::Invalid), "{kind}, at {server}");
        }
    }
}

/// Checks the test above: valid tokens are accepted, each algorithm exactly where its key is configured.
#[test]
fn valid_tokens_are_accepted_where_their_key_is_configured() {
    let by_ed = by_ed25519(&header("EdDSA", ed_key(PRIVATE).id()), PRIVATE);
    let by_hs = by_hmac(&header("HS256", hs_key().id()), SECRET);
    for (server, issuer) in servers() {
        let known = |algorithm: &str| if server.contains(algorithm) { Ok(claims()) } else { Err(TokenError::Invalid) };
        assert_eq!(issuer.check(&by_ed, now()), known("EdDSA"), "{server}");
        assert_eq!(issuer.check(&by_hs, now()), known("HS256"), "{server}");
    }
}

#[test]
fn a_change_of_any_character_of_an_ed25519_token_is_detected() {
    let issuer = server(ed_key(PRIVATE));
    let token = issuer.issue(&claims()).unwrap();
    for (index, original) in token.char_indices() {
        let replacement = if original == 'A' { 'B' } else { 'A' };
        let changed = format!("{}{replacement}{}", &token[..index], &token[index + 1..]);
        assert_eq!(issuer.check(&changed, now()), Err(TokenError::Invalid), "at {index}");
    }
}
