//! What the hasher promises, at a cost at which a hash takes a millisecond.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use std::error::Error;

use incident_domain::{PasswordHash, ports::PasswordHasher};
use incident_security::{BcryptHasher, HashCost, HashCostError, PASSWORD_BYTES_MAX};

fn cheap() -> HashCost {
    HashCost::parse(HashCost::MIN).unwrap()
}

fn hasher() -> BcryptHasher {
    BcryptHasher::new(cheap())
}

#[tokio::test]
async fn the_right_password_fits_its_hash_and_no_other_does() {
    let hasher = hasher();
    let hash = hasher.hash("correct horse".to_owned()).await.unwrap();
    for (candidate, fits) in [
        ("correct horse", true),
        ("Correct horse", false),
        ("correct horse ", false),
        ("correct hors", false),
        ("", false),
        ("correct horse\0", false),
        ("correct horse\0correct horse", false),
    ] {
        let verified = hasher.verify(candidate.to_owned(), Some(hash.clone())).await.unwrap();
        assert_eq!(verified, fits, "{candidate:?}");
    }
}

#[tokio::test]
async fn equal_passwords_have_different_hashes() {
    let hasher = hasher();
    let first = hasher.hash("twice".to_owned()).await.unwrap();
    let second = hasher.hash("twice".to_owned()).await.unwrap();
    assert_ne!(first.expose(), second.expose());
}

#[tokio::test]
async fn a_hash_carries_the_configured_cost_and_can_be_checked_at_any_other() {
    let costly = BcryptHasher::new(HashCost::parse(6).unwrap());
    let hash = costly.hash("moved".to_owned()).await.unwrap();
    assert!(hash.expose().starts_with("$2b$06$"), "{}", hash.expose());
    assert!(hasher().verify("moved".to_owned(), Some(hash)).await.unwrap());
}

#[tokio::test]
async fn a_password_of_72_bytes_counts_to_its_last_byte() {
    let hasher = hasher();
    let longest = "ü".repeat(PASSWORD_BYTES_MAX / 2);
    assert_eq!(longest.len(), 72);
    let hash = hasher.hash(longest.clone()).await.unwrap();
    let other_end = format!("{}xx", &longest[..70]);
    assert!(hasher.verify(longest, Some(hash.clone())).await.unwrap());
    assert!(!hasher.verify(other_end, Some(hash)).await.unwrap());
}

#[tokio::test]
async fn a_password_of_73_bytes_is_refused_and_never_truncated() {
    let hasher = hasher();
    let refused = hasher.hash("a".repeat(73)).await.unwrap_err();
    let cause = refused.source().unwrap().to_string();
    assert_eq!(cause, "a password must have at most 72 bytes, has 73");

    let hash_of_72 = hasher.hash("a".repeat(72)).await.unwrap();
    assert!(!hasher.verify("a".repeat(73), Some(hash_of_72)).await.unwrap());
}

#[tokio::test]
async fn a_password_with_nul_is_refused_because_bcrypt_would_repeat_it() {
    let hasher = hasher();
    assert!(hasher.hash("a\0a".to_owned()).await.is_err());
    // The collision that the refusal is for: if bcrypt ever stops having it, this test says so.
    assert!(bcrypt::verify("a\0a", &bcrypt::hash("a", 4).unwrap()).unwrap());
    let hash = hasher.hash("a".to_owned()).await.unwrap();
    assert!(!hasher.verify("a\0a".to_owned(), Some(hash)).await.unwrap());
}

#[tokio::test]
async fn without_a_hash_no_password_is_right() {
    for password in ["", "a", &"a".repeat(72), &"a".repeat(73), "a\0"] {
        assert!(!hasher().verify(password.to_owned(), None).await.unwrap(), "{password:?}");
    }
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_an_error_and_not_a_wrong_password() {
    let good = hasher().hash("a".to_owned()).await.unwrap();
    let broken = [
        String::new(),
        "plain text".to_owned(),
        good.expose()[..59].to_owned(),
        format!("{}x", good.expose()),
        good.expose().replacen("$2b", "$9z", 1),
        good.expose().replacen("$04$", "$xx$", 1),
        good.expose().replacen("$04$", "$03$", 1),
        good.expose().replacen("$04$", "$31$", 1),
        format!("{}é", &good.expose()[..58]),
        "ü".repeat(30),
    ];
    for hash in broken {
        let verified = hasher().verify("a".to_owned(), Some(PasswordHash::new(hash.as_str()))).await;
        assert!(verified.is_err(), "{hash:?}");
    }
}

#[test]
fn a_cost_outside_the_range_is_refused() {
    for cost in [0, 3, 17, 31, u32::MAX] {
        assert_eq!(HashCost::parse(cost), Err(HashCostError), "{cost}");
    }
    assert_eq!(HashCostError.to_string(), "must be between 4 and 16");
    assert_eq!(HashCost::parse(16).map(HashCost::get), Ok(16));
    assert_eq!(HashCost::DEFAULT.get(), 12);
}
