//! Access tokens, API tokens and refresh tokens: no text but a signed one is accepted.

#![no_main]

use std::sync::LazyLock;

use incident_domain::{
    identity::{SecretKind, TokenIssuer, TokenSecret},
    kernel::Timestamp,
};
use incident_security::{JwtIssuer, SigningAlgorithm, SigningKey, TokenNames};
use libfuzzer_sys::fuzz_target;

static ISSUER: LazyLock<JwtIssuer> = LazyLock::new(|| {
    let names = TokenNames { issuer: "issuer".to_owned(), audience: "audience".to_owned() };
    let key = SigningKey::try_new(SigningAlgorithm::Hs256, b"a key that the fuzzer cannot guess, of 46 bytes");
    JwtIssuer::new(names, key.expect("a key of enough bytes"))
});

fuzz_target!(|text: &str| {
    assert!(ISSUER.check(text, Timestamp::UNIX_EPOCH).is_err());
    for kind in [SecretKind::ApiToken, SecretKind::RefreshToken] {
        if let Ok(secret) = TokenSecret::parse(kind, text) {
            assert_eq!(secret.expose(), text);
        }
    }
});
