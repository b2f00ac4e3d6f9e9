//! Sealed replies. The known answers come from another implementation: HKDF and XChaCha20-Poly1305 of PyCryptodome, and
//! HMAC of Python.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

use std::collections::HashSet;

use incident_domain::kernel::{ReplySeal, RequestFingerprint};
use incident_security::{AeadReplySeal, KeyError};

const SECRET: &[u8; 32] = b"a secret of exactly 32 bytes ...";
const OTHER_SECRET: &[u8; 32] = b"a secret of exactly 32 bytes .._";
const REPLY: &[u8] = br#"201 {"number":"INC-1001"}"#;

/// The version, the nonce and the tag.
const OVERHEAD_BYTES: usize = 1 + 24 + 16;

fn seal() -> AeadReplySeal {
    AeadReplySeal::try_new(SECRET).unwrap()
}

fn other_seal() -> AeadReplySeal {
    AeadReplySeal::try_new(OTHER_SECRET).unwrap()
}

fn parts(parts: &[&str]) -> Vec<Vec<u8>> {
    parts.iter().map(|part| part.as_bytes().to_vec()).collect()
}

fn request() -> RequestFingerprint {
    seal().fingerprint(&parts(&["POST", "/api/v1/incidents", "", r#"{"title":"down"}"#]))
}

fn from_hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn equal_parts_have_the_same_fingerprint_after_a_restart() {
    let same = parts(&["PATCH", "/api/v1/incidents/INC-1001", "{}"]);
    assert_eq!(seal().fingerprint(&same), seal().fingerprint(&same));
    assert_eq!(seal().fingerprint(&same), seal().clone().fingerprint(&same));
}

#[test]
fn different_parts_have_different_fingerprints() {
    let lists: [&[&str]; 16] = [
        &[],
        &[""],
        &["", ""],
        &["ab"],
        &["a", "b"],
        &["ab", ""],
        &["", "ab"],
        &["a", "", "b"],
        &["b", "a"],
        &["a\0", "b"],
        &["a", "\0b"],
        &["a\0b"],
        &["\0\0\0\0\0\0\0\0"],
        &["\0\0\0\0\0\0\0\x01a"],
        &["a", "\0\0\0\0\0\0\0\x01b"],
        &["a\0\0\0\0\0\0\0\x01b"],
    ];
    let fingerprints: HashSet<_> = lists.iter().map(|list| seal().fingerprint(&parts(list))).collect();
    assert_eq!(fingerprints.len(), lists.len());
}

/// Without a key, a part this short could be found by trying all of them.
#[test]
fn another_key_makes_another_fingerprint() {
    for guessed in 0..=u8::MAX {
        let part = [vec![guessed]];
        assert_ne!(seal().fingerprint(&part), other_seal().fingerprint(&part));
    }
}

#[test]
fn the_form_of_fingerprints_never_changes() {
    let known = from_hex("16b6277f144a492c7b03c12a07529425206065d4c3b864c7c9b670660ac326ff");
    assert_eq!(request().as_bytes().as_slice(), known);
}

#[test]
fn the_form_of_sealed_replies_never_changes() {
    let sealed = from_hex(concat!(
        "01",
        "000102030405060708090a0b0c0d0e0f1011121314151617",
        "9faa4196654191af7f505e094cd8e6a79bb79ca17d6caedeb3",
        "b292070783451f586948f597e1bfebcb",
    ));
    assert_eq!(sealed.len(), OVERHEAD_BYTES + REPLY.len());
    assert_eq!(seal().open(&request(), &sealed).as_deref(), Some(REPLY));
}

#[test]
fn a_sealed_reply_is_opened_after_a_restart() {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let long = vec![b'x'; 1 << 20];
    for reply in [b"".as_slice(), b"x", REPLY, &every_byte, &long] {
        let sealed = seal().seal(&request(), reply).unwrap();
        let opened = AeadReplySeal::try_new(SECRET).unwrap().open(&request(), &sealed);
        assert!(opened.as_deref() == Some(reply), "a reply of {} bytes", reply.len());
    }
}

#[test]
fn replies_of_a_retired_secret_are_opened_and_their_requests_recognised() {
    let new = b"a new secret of thirty-two bytes";
    let parts = [b"POST".to_vec(), b"/incidents".to_vec()];
    let (current, retired) = (AeadReplySeal::try_new(new).unwrap(), seal().seal(&request(), REPLY).unwrap());
    assert_eq!((current.open(&request(), &retired), current.retired_fingerprints(&parts)), (None, vec![]));
    let both = current.clone().accepting(SECRET).unwrap();
    assert_eq!(both.open(&request(), &retired).as_deref(), Some(REPLY));
    assert_eq!(both.fingerprint(&parts), current.fingerprint(&parts));
    assert_eq!(both.retired_fingerprints(&parts), [seal().fingerprint(&parts)]);
    let sealed = both.seal(&request(), REPLY).unwrap();
    assert_eq!(current.open(&request(), &sealed).as_deref(), Some(REPLY));
    assert!(current.accepting(b"too short").is_err());
}

#[test]
fn a_sealed_reply_reveals_only_its_length() {
    let secret = b"shown once: inc_Vb1xWz4uE6fQ9sJ7";
    let sealed = seal().seal(&request(), secret).unwrap();
    assert_eq!(sealed.len(), OVERHEAD_BYTES + secret.len());
    let shows = |known: &[u8]| sealed.windows(8).any(|shown| known.windows(8).any(|part| part == shown));
    assert!(!shows(secret) && !shows(request().as_bytes()) && !shows(SECRET));
}

#[test]
fn equal_replies_are_sealed_differently_each_time() {
    let sealed: Vec<_> = (0..1_000).map(|_| seal().seal(&request(), REPLY).unwrap()).collect();
    let nonces: HashSet<_> = sealed.iter().map(|sealed| &sealed[1..25]).collect();
    let bodies: HashSet<_> = sealed.iter().map(|sealed| &sealed[25..]).collect();
    assert_eq!((nonces.len(), bodies.len()), (1_000, 1_000));
}

#[test]
fn a_change_of_any_bit_makes_a_sealed_reply_unreadable() {
    let sealed = seal().seal(&request(), REPLY).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(seal().open(&request(), &changed), None, "bit {bit}");
    }
}

#[test]
fn a_truncated_or_extended_reply_is_unreadable() {
    let sealed = seal().seal(&request(), REPLY).unwrap();
    for kept in 0..sealed.len() {
        assert_eq!(seal().open(&request(), &sealed[..kept]), None, "the first {kept} bytes");
        assert_eq!(seal().open(&request(), &sealed[sealed.len() - kept..]), None, "the last {kept} bytes");
    }
    let longer = [sealed.as_slice(), b"\0"].concat();
    assert_eq!(seal().open(&request(), &longer), None);
}

#[test]
fn a_reply_to_another_request_is_unreadable() {
    let sealed = seal().seal(&request(), REPLY).unwrap();
    for bit in 0..256 {
        let mut other = *request().as_bytes();
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(seal().open(&RequestFingerprint::new(other), &sealed), None, "bit {bit}");
    }
}

#[test]
fn a_reply_sealed_with_another_key_is_unreadable() {
    let sealed = other_seal().seal(&request(), REPLY).unwrap();
    assert_eq!(other_seal().open(&request(), &sealed).as_deref(), Some(REPLY));
    assert_eq!(seal().open(&request(), &sealed), None);
}

#[test]
fn a_short_secret_is_refused() {
    let refused = AeadReplySeal::try_new(&SECRET[1..]).map(drop);
    assert_eq!(refused, Err(KeyError::SecretTooShort { bytes: 31 }));
}

#[test]
fn debug_shows_no_key() {
    assert_eq!(format!("{:?}", seal()), "AeadReplySeal(secret)");
    assert_eq!(format!("{:#?}", seal()), "AeadReplySeal(secret)");
}
