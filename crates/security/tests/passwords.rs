//! The password hasher, at a cost with which a hash takes a millisecond.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use incident_domain::identity::{Password, PasswordHash, PasswordHasher};
use incident_security::{BcryptHasher, HashCost, HashCostError, HashPoolOptions};

fn cheap() -> HashCost {
    HashCost::parse(HashCost::MIN).unwrap()
}

fn hasher_of(cost: HashCost) -> BcryptHasher {
    BcryptHasher::try_new(cost, HashPoolOptions::default()).unwrap()
}

fn hasher() -> BcryptHasher {
    hasher_of(cheap())
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

/// Returns the hash of a text that may be invalid as a new password.
fn hash_of(text: &str) -> PasswordHash {
    PasswordHash::new(bcrypt::hash(text, HashCost::MIN).unwrap())
}

#[tokio::test]
async fn only_the_right_password_matches_its_hash() {
    let hasher = hasher();
    let hash = hasher.hash(password("correct horse")).await.unwrap();
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
    let first = hasher.hash(password("once and twice")).await.unwrap();
    let second = hasher.hash(password("once and twice")).await.unwrap();
    assert_ne!(first.expose(), second.expose());
}

#[tokio::test]
async fn a_hash_has_the_configured_cost_and_can_be_checked_with_another() {
    let costly = hasher_of(HashCost::parse(6).unwrap());
    let hash = costly.hash(password("moved to here")).await.unwrap();
    assert!(hash.expose().starts_with("$2b$06$"), "{}", hash.expose());
    assert!(hasher().verify("moved to here".to_owned(), Some(hash)).await.unwrap());
}

#[tokio::test]
async fn all_72_bytes_of_a_password_are_significant() {
    let hasher = hasher();
    let longest = "ü".repeat(Password::BYTES_MAX / 2);
    assert_eq!(longest.len(), 72);
    let hash = hasher.hash(password(&longest)).await.unwrap();
    let other_end = format!("{}xx", &longest[..70]);
    assert!(hasher.verify(longest, Some(hash.clone())).await.unwrap());
    assert!(!hasher.verify(other_end, Some(hash)).await.unwrap());
}

#[tokio::test]
async fn a_password_of_73_bytes_is_never_truncated() {
    let hasher = hasher();
    let hash_of_72 = hasher.hash(password(&"a".repeat(72))).await.unwrap();
    // The reason for the refusal is that bcrypt truncates. This test fails if it stops to.
    assert!(bcrypt::verify("a".repeat(73), hash_of_72.expose()).unwrap());
    assert!(!hasher.verify("a".repeat(73), Some(hash_of_72)).await.unwrap());
}

#[tokio::test]
async fn a_password_with_nul_is_wrong_because_bcrypt_would_repeat_it() {
    // The reason for the refusal is this collision of bcrypt. This test fails if it no longer exists.
    assert!(bcrypt::verify("a\0a", hash_of("a").expose()).unwrap());
    assert!(!hasher().verify("a\0a".to_owned(), Some(hash_of("a"))).await.unwrap());
}

#[tokio::test]
async fn a_password_shorter_than_the_minimum_still_matches_its_hash() {
    assert!(hasher().verify("short".to_owned(), Some(hash_of("short"))).await.unwrap());
}

#[tokio::test]
async fn a_hash_of_a_lower_cost_is_outdated() {
    let hasher = hasher_of(HashCost::parse(6).unwrap());
    let at_cost = |cost| PasswordHash::new(bcrypt::hash("a", cost).unwrap());
    for (cost, is_outdated) in [(4, true), (5, true), (6, false), (7, false)] {
        assert_eq!(hasher.is_outdated(&at_cost(cost)), is_outdated, "{cost}");
    }
    let renewed = hasher.hash(password("made right now")).await.unwrap();
    assert!(!hasher.is_outdated(&renewed));
    assert!(!hasher.is_outdated(&PasswordHash::new("not a hash")));
}

#[tokio::test]
async fn without_a_hash_no_password_is_right() {
    for password in ["", "a", &"a".repeat(72), &"a".repeat(73), "a\0"] {
        assert!(!hasher().verify(password.to_owned(), None).await.unwrap(), "{password:?}");
    }
}

#[tokio::test]
async fn a_hash_that_cannot_be_parsed_is_an_error() {
    let good = hash_of("a");
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
