//! The known ways to forge or reuse a token (RFC 8725), as a table.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use std::str::FromStr;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use incident_domain::{
    identity::{AccessClaims, TokenError, TokenIssuer},
    kernel::{SessionId, Timestamp, UserId},
};
use incident_security::{JwtIssuer, SigningAlgorithm, SigningKey, TOKEN_BYTES_MAX, TokenNames};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &[u8] = b"the secret of this server, 32 bytes and more";
const OTHER_SECRET: &[u8] = b"the secret of another one, 32 bytes and more";
const USER: &str = "01980000-0000-7000-8000-000000000001";
const SESSION: &str = "01980000-0000-7000-8000-000000000002";
const NOW_SECS: i64 = 1_780_000_000;

fn key(secret: &[u8]) -> SigningKey {
    SigningKey::try_new(SigningAlgorithm::Hs256, secret).unwrap()
}

fn names() -> TokenNames {
    TokenNames { issuer: "incident-platform".to_owned(), audience: "incident-api".to_owned() }
}

fn issuer() -> JwtIssuer {
    JwtIssuer::new(names(), key(SECRET))
}

fn instant(secs: i64) -> Timestamp {
    Timestamp::from_timestamp_secs(secs).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        user_id: UserId::from_str(USER).unwrap(),
        session_id: SessionId::from_str(SESSION).unwrap(),
        issued_at: instant(NOW_SECS),
        expires_at: instant(NOW_SECS + 900),
    }
}

fn header() -> Value {
    json!({"typ": "at+jwt", "alg": "HS256", "kid": key(SECRET).id()})
}

fn body() -> Value {
    json!({"iss": "incident-platform", "aud": "incident-api", "sub": USER, "sid": SESSION,
           "iat": NOW_SECS, "exp": NOW_SECS + 900})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

fn tag(secret: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Returns a token of these bytes with a valid signature of this secret.
fn signed_bytes(header: &[u8], body: &[u8], secret: &[u8]) -> String {
    let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(body));
    let signature = BASE64.encode(tag(secret, &message));
    format!("{message}.{signature}")
}

fn signed(header: &Value, body: &Value) -> String {
    signed_bytes(header.to_string().as_bytes(), body.to_string().as_bytes(), SECRET)
}

fn signed_with(algorithm: Algorithm) -> String {
    let header = Header { typ: Some("at+jwt".into()), kid: Some(key(SECRET).id().into()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &body(), &EncodingKey::from_secret(SECRET)).unwrap()
}

/// Returns the three parts of a valid token.
fn parts() -> [String; 3] {
    let token = issuer().issue(&claims()).unwrap();
    token.split('.').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap()
}

/// Returns tokens with an invalid header.
fn wrong_headers() -> Vec<(&'static str, String)> {
    let [good_header, good_body, _] = parts();
    let unsigned = |algorithm: &str| {
        let header = BASE64.encode(with(header(), "alg", json!(algorithm)).to_string());
        format!("{header}.{good_body}.")
    };
    let header_with = |name: &str, value: Value| signed(&with(header(), name, value), &body());
    let ours_without = |name: &str| signed(&without(header(), name), &body());
    let by_other_key =
        |header: &Value| signed_bytes(header.to_string().as_bytes(), body().to_string().as_bytes(), OTHER_SECRET);
    let own_key = json!({"kty": "oct", "k": BASE64.encode(OTHER_SECRET)});
    vec![
        ("algorithm none, no signature", unsigned("none")),
        ("algorithm None, no signature", unsigned("None")),
        ("algorithm NONE, no signature", unsigned("NONE")),
        ("algorithm HS256, no signature", unsigned("HS256")),
        ("algorithm none, signed", header_with("alg", json!("none"))),
        ("algorithm HS384 with our secret", signed_with(Algorithm::HS384)),
        ("algorithm HS512 with our secret", signed_with(Algorithm::HS512)),
        ("algorithm HS384 claimed, HS256 signed", header_with("alg", json!("HS384"))),
        ("algorithm RS256 claimed, HMAC signed", header_with("alg", json!("RS256"))),
        ("algorithm ES256 claimed, HMAC signed", header_with("alg", json!("ES256"))),
        ("algorithm EdDSA claimed, HMAC signed", header_with("alg", json!("EdDSA"))),
        ("algorithm in lower case", header_with("alg", json!("hs256"))),
        ("algorithm not a text", header_with("alg", json!(["HS256"]))),
        ("no algorithm", ours_without("alg")),
        ("type of an identity token", header_with("typ", json!("JWT"))),
        ("type of a logout token", header_with("typ", json!("logout+jwt"))),
        ("no type", ours_without("typ")),
        ("no key id", ours_without("kid")),
        ("unknown key id", header_with("kid", json!("0000000000000000"))),
        ("key id that is a path", header_with("kid", json!("../../../../dev/null"))),
        ("another server's key under our key's id", by_other_key(&header())),
        ("another server's key under its own id", by_other_key(&with(header(), "kid", json!(key(OTHER_SECRET).id())))),
        ("a key brought along", by_other_key(&with(header(), "jwk", own_key))),
        ("an extension that must be understood", header_with("crit", json!(["exp"]))),
        ("header not an object", signed(&json!("at+jwt"), &body())),
        ("header not JSON", signed_bytes(b"{", body().to_string().as_bytes(), SECRET)),
        ("header not UTF-8", signed_bytes(b"\xff\xfe", body().to_string().as_bytes(), SECRET)),
        ("header alone", good_header),
    ]
}

/// Returns tokens with a valid header and signature and an invalid payload.
fn wrong_bodies() -> Vec<(&'static str, String)> {
    let body_with = |name: &str, value: Value| signed(&header(), &with(body(), name, value));
    let ours_without = |name: &str| signed(&header(), &without(body(), name));
    let twice = body().to_string().replacen('{', &format!("{{\"sub\":\"{SESSION}\","), 1);
    vec![
        ("another issuer", body_with("iss", json!("somebody-else"))),
        ("our issuer among others", body_with("iss", json!(["somebody-else", "incident-platform"]))),
        ("no issuer", ours_without("iss")),
        ("another audience", body_with("aud", json!("another-api"))),
        ("our audience among others", body_with("aud", json!(["another-api", "incident-api"]))),
        ("no audience", ours_without("aud")),
        ("subject not a UUID", body_with("sub", json!("admin"))),
        ("subject empty", body_with("sub", json!(""))),
        ("subject a number", body_with("sub", json!(1))),
        ("subject twice", signed_bytes(header().to_string().as_bytes(), twice.as_bytes(), SECRET)),
        ("no subject", ours_without("sub")),
        ("session not a UUID", body_with("sid", json!("*"))),
        ("session null", body_with("sid", Value::Null)),
        ("no session", ours_without("sid")),
        ("no expiry", ours_without("exp")),
        ("expiry null", body_with("exp", Value::Null)),
        ("expiry a text", body_with("exp", json!((NOW_SECS + 900).to_string()))),
        ("expiry infinite", body_with("exp", json!(1e300))),
        ("expiry beyond the calendar", body_with("exp", json!(i64::MAX))),
        ("expiry beyond 64 bits", body_with("exp", json!(u64::MAX))),
        ("no time of issue", ours_without("iat")),
        ("time of issue beyond the calendar", body_with("iat", json!(i64::MIN))),
        ("body not an object", signed(&header(), &json!([body()]))),
        ("body empty", signed_bytes(header().to_string().as_bytes(), b"", SECRET)),
        ("body not JSON", signed_bytes(header().to_string().as_bytes(), b"{\"sub\":", SECRET)),
        ("body not UTF-8", signed_bytes(header().to_string().as_bytes(), b"{\"sub\":\"\xff\"}", SECRET)),
    ]
}

/// Returns texts that are not three parts of base64, or not three parts of one token.
fn wrong_shapes() -> Vec<(&'static str, String)> {
    let [header, body, signature] = parts();
    let token = format!("{header}.{body}.{signature}");
    let other = claims();
    let other = AccessClaims { user_id: UserId::new(other.session_id.as_uuid()), ..other };
    let other_token = issuer().issue(&other).unwrap();
    let other_body = other_token.split('.').nth(1).unwrap().to_owned();
    let (last_kept, last) = token.split_at(token.len() - 1);
    // The last of 43 characters has two unused bits, which must be zero.
    let same_bytes = char::from(last.as_bytes()[0] + 1);
    vec![
        ("nothing", String::new()),
        ("one dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("garbage", "not a token at all".to_owned()),
        ("garbage in three parts", "a.b.c".to_owned()),
        ("emoji in three parts", "🔥.🔥.🔥".to_owned()),
        ("nul in front", format!("\0{token}")),
        ("white space in front", format!(" {token}")),
        ("line break behind", format!("{token}\n")),
        ("scheme in front", format!("Bearer {token}")),
        ("dot in front", format!(".{token}")),
        ("dot behind", format!("{token}.")),
        ("five parts, as if encrypted", format!("{header}..{body}..{signature}")),
        ("twice", format!("{token}.{token}")),
        ("signature missing", format!("{header}.{body}")),
        ("signature empty", format!("{header}.{body}.")),
        ("signature truncated by a character", last_kept.to_owned()),
        ("signature truncated by half", format!("{header}.{body}.{}", &signature[..22])),
        ("signature padded", format!("{token}=")),
        ("signature in other words for the same bytes", format!("{last_kept}{same_bytes}")),
        ("signature of zeros", format!("{header}.{body}.{}", "A".repeat(43))),
        ("signature of another token", format!("{header}.{other_body}.{signature}")),
        ("parts in another order", format!("{body}.{header}.{signature}")),
        ("body in standard base64", format!("{header}.{body}+/.{signature}")),
        ("in upper case", token.to_uppercase()),
        ("huge garbage", "a".repeat(10_000_000)),
        (
            "huge with a good signature",
            signed(&self::header(), &with(self::body(), "x", json!("x".repeat(TOKEN_BYTES_MAX)))),
        ),
        ("huge and all dots", ".".repeat(1_000_000)),
    ]
}

#[test]
fn no_forged_token_is_accepted() {
    let forgeries = [wrong_headers(), wrong_bodies(), wrong_shapes()].concat();
    assert!(forgeries.len() >= 30, "{}", forgeries.len());
    let issuer = issuer();
    for (kind, token) in forgeries {
        assert_eq!(issuer.check(&token, instant(NOW_SECS)), Err(TokenError::Invalid), "{kind}");
    }
}

/// Checks the table above: a token without a fault is accepted.
#[test]
fn a_token_without_a_fault_is_accepted() {
    let token = signed(&header(), &body());
    assert_eq!(issuer().check(&token, instant(NOW_SECS)), Ok(claims()));
    assert_eq!(issuer().check(&signed_with(Algorithm::HS256), instant(NOW_SECS)), Ok(claims()));
}

#[test]
fn a_change_of_any_character_is_detected() {
    let token = issuer().issue(&claims()).unwrap();
    for (index, original) in token.char_indices() {
        let replacement = if original == 'A' { 'B' } else { 'A' };
        let changed = format!("{}{replacement}{}", &token[..index], &token[index + 1..]);
        assert_eq!(issuer().check(&changed, instant(NOW_SECS)), Err(TokenError::Invalid), "at {index}");
        let cut = &token[..index];
        assert_eq!(issuer().check(cut, instant(NOW_SECS)), Err(TokenError::Invalid), "cut at {index}");
    }
}

#[test]
fn an_expired_token_is_distinguished_from_an_invalid_one() {
    let forged = signed_bytes(header().to_string().as_bytes(), body().to_string().as_bytes(), OTHER_SECRET);
    let good = issuer().issue(&claims()).unwrap();
    let later = instant(NOW_SECS + 901);
    assert_eq!(issuer().check(&good, later), Err(TokenError::Expired));
    assert_eq!(issuer().check(&forged, later), Err(TokenError::Invalid));
    let negative = signed(&header(), &with(body(), "exp", json!(-1)));
    assert_eq!(issuer().check(&negative, later), Err(TokenError::Expired));
}
