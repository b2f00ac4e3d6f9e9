//! Valid tokens.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use chrono::TimeDelta;
use incident_domain::{
    identity::{AccessClaims, TokenError, TokenIssuer},
    kernel::{SessionId, Timestamp, UserId},
};
use incident_security::{CheckingKey, JwtIssuer, SigningAlgorithm, SigningKey, TOKEN_BYTES_MAX, TokenNames};
use serde_json::{Value, json};
use uuid::Uuid;

const OLD_SECRET: &[u8] = b"the old secret of a server, long enough";
const NEW_SECRET: &[u8] = b"the new secret of a server, long enough";
const PRIVATE_PEM: &str = include_str!("keys/rfc8410.pem");
const PUBLIC_PEM: &str = include_str!("keys/rfc8410.pub.pem");
const OTHER_PEM: &str = include_str!("keys/other.pem");

fn issuer_by(key: SigningKey) -> JwtIssuer {
    let names = TokenNames { issuer: "incident-platform".to_owned(), audience: "incident-api".to_owned() };
    JwtIssuer::new(names, key)
}

fn issuer(secret: &[u8]) -> JwtIssuer {
    issuer_by(key(secret))
}

fn ed_key(pem: &str) -> SigningKey {
    SigningKey::try_new(SigningAlgorithm::EdDsa, pem.as_bytes()).unwrap()
}

fn key(secret: &[u8]) -> SigningKey {
    SigningKey::try_new(SigningAlgorithm::Hs256, secret).unwrap()
}

fn issued_at() -> Timestamp {
    Timestamp::from_timestamp_secs(1_780_000_000).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        user_id: UserId::new(Uuid::from_u128(1)),
        session_id: SessionId::new(Uuid::from_u128(2)),
        issued_at: issued_at(),
        expires_at: issued_at() + TimeDelta::minutes(15),
    }
}

#[test]
fn a_token_contains_the_issued_claims() {
    let issuer = issuer(OLD_SECRET);
    let token = issuer.issue(&claims()).unwrap();
    assert_eq!(issuer.check(&token, issued_at()), Ok(claims()));
}

#[test]
fn a_token_expires_exactly_at_its_expiry() {
    let issuer = issuer(OLD_SECRET);
    let token = issuer.issue(&claims()).unwrap();
    let moment = TimeDelta::microseconds(1);
    assert!(issuer.check(&token, claims().expires_at - moment).is_ok());
    assert_eq!(issuer.check(&token, claims().expires_at), Err(TokenError::Expired));
    assert_eq!(issuer.check(&token, claims().expires_at + moment), Err(TokenError::Expired));
}

#[test]
fn expiry_is_compared_with_the_given_time_and_not_with_the_wall_clock() {
    let issuer = issuer(OLD_SECRET);
    let long_ago = Timestamp::from_timestamp_secs(1_000).unwrap();
    let past = AccessClaims { issued_at: long_ago, expires_at: long_ago + TimeDelta::seconds(1), ..claims() };
    let token = issuer.issue(&past).unwrap();
    assert_eq!(issuer.check(&token, long_ago), Ok(past));

    let far_ahead = Timestamp::from_timestamp_secs(10_000_000_000).unwrap();
    let token = issuer.issue(&claims()).unwrap();
    assert_eq!(issuer.check(&token, far_ahead), Err(TokenError::Expired));
}

#[test]
fn fractions_of_a_second_never_extend_a_token() {
    let issuer = issuer(OLD_SECRET);
    let fraction = TimeDelta::microseconds(999_999);
    let fractional = AccessClaims {
        issued_at: claims().issued_at + fraction,
        expires_at: claims().expires_at + fraction,
        ..claims()
    };
    let token = issuer.issue(&fractional).unwrap();
    assert_eq!(issuer.check(&token, issued_at()), Ok(claims()));
}

#[test]
fn a_token_from_a_replica_whose_clock_is_ahead_is_valid() {
    let issuer = issuer(OLD_SECRET);
    let token = issuer.issue(&claims()).unwrap();
    assert_eq!(issuer.check(&token, issued_at() - TimeDelta::seconds(2)), Ok(claims()));
}

#[test]
fn a_replaced_key_is_accepted_while_it_is_configured() {
    let old_token = issuer(OLD_SECRET).issue(&claims()).unwrap();
    let replaced = issuer(NEW_SECRET).accepting(key(OLD_SECRET));
    assert_eq!(replaced.check(&old_token, issued_at()), Ok(claims()));

    let new_token = replaced.issue(&claims()).unwrap();
    assert_eq!(issuer(NEW_SECRET).check(&new_token, issued_at()), Ok(claims()));
    assert_eq!(issuer(NEW_SECRET).check(&old_token, issued_at()), Err(TokenError::Invalid));
    assert_eq!(issuer(OLD_SECRET).check(&new_token, issued_at()), Err(TokenError::Invalid));
}

/// Tests every pair of algorithms, and the public key alone if there is one.
#[test]
fn old_tokens_are_valid_only_while_their_key_is_configured() {
    let public = CheckingKey::try_new(SigningAlgorithm::EdDsa, PUBLIC_PEM.as_bytes()).unwrap();
    for (old, retired, new) in [
        (key(OLD_SECRET), key(OLD_SECRET).into(), ed_key(PRIVATE_PEM)),
        (ed_key(PRIVATE_PEM), ed_key(PRIVATE_PEM).into(), key(NEW_SECRET)),
        (ed_key(PRIVATE_PEM), public.clone(), key(NEW_SECRET)),
        (ed_key(PRIVATE_PEM), public, ed_key(OTHER_PEM)),
    ] {
        let scene = format!("{old:?} replaced by {new:?}");
        let old_token = issuer_by(old.clone()).issue(&claims()).unwrap();
        let during = issuer_by(new.clone()).accepting(retired).accepting(key(b"an even older one, long ago retired"));
        assert_eq!(during.check(&old_token, issued_at()), Ok(claims()), "{scene}");

        let new_token = during.issue(&claims()).unwrap();
        let after = issuer_by(new);
        assert_eq!(after.check(&new_token, issued_at()), Ok(claims()), "{scene}");
        assert_eq!(after.check(&old_token, issued_at()), Err(TokenError::Invalid), "{scene}");
        assert_eq!(issuer_by(old).check(&new_token, issued_at()), Err(TokenError::Invalid), "{scene}");
    }
}

#[test]
fn a_token_of_ed25519_names_its_algorithm_and_expires() {
    let issuer = issuer_by(ed_key(PRIVATE_PEM));
    let token = issuer.issue(&claims()).unwrap();
    let header: Value = serde_json::from_slice(&BASE64.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "EdDSA", "kid": ed_key(PRIVATE_PEM).id()}));
    assert!(token.len() * 8 < TOKEN_BYTES_MAX, "{} bytes", token.len());
    assert_eq!(issuer.check(&token, issued_at()), Ok(claims()));
    assert_eq!(issuer.check(&token, claims().expires_at), Err(TokenError::Expired));
}

#[test]
fn a_token_has_the_form_of_rfc_9068() {
    let token = issuer(OLD_SECRET).issue(&claims()).unwrap();
    assert!(token.len() * 8 < TOKEN_BYTES_MAX, "{} bytes", token.len());
    let part = |index: usize| -> Value {
        let encoded = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&BASE64.decode(encoded).unwrap()).unwrap()
    };
    assert_eq!(part(0), json!({"typ": "at+jwt", "alg": "HS256", "kid": key(OLD_SECRET).id()}));
    let body = json!({
        "iss": "incident-platform",
        "aud": "incident-api",
        "sub": "00000000-0000-0000-0000-000000000001",
        "sid": "00000000-0000-0000-0000-000000000002",
        "iat": 1_780_000_000,
        "exp": 1_780_000_900,
    });
    assert_eq!(part(1), body);
}

#[test]
fn debug_shows_no_secret() {
    let issuer = issuer(NEW_SECRET).accepting(key(OLD_SECRET));
    let shown = format!("{issuer:?} {issuer:#?}");
    for secret in [OLD_SECRET, NEW_SECRET] {
        assert!(!shown.contains(std::str::from_utf8(secret).unwrap()), "{shown}");
        assert!(!shown.contains(&format!("{secret:?}")), "{shown}");
        assert!(!shown.contains(&BASE64.encode(secret)), "{shown}");
    }
    assert!(shown.contains("incident-platform"), "{shown}");
}
