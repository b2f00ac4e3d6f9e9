//! Random secrets and passwords.

use std::collections::HashSet;

use incident_domain::kernel::SecretGenerator;
use incident_security::{OsSecrets, random_password, random_secret};
use secrecy::ExposeSecret;

const DRAWS: usize = 1_000;

#[test]
fn a_secret_is_64_hexadecimal_digits_and_never_the_same() {
    let draw = |_| random_secret().expect("a secret").expose_secret().to_owned();
    let secrets: HashSet<String> = (0..DRAWS).map(draw).collect();
    assert_eq!(secrets.len(), DRAWS);
    for secret in &secrets {
        assert_eq!(secret.len(), 64);
        assert!(secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{secret}");
    }
}

#[test]
fn a_password_is_url_safe_of_at_least_120_bits_and_never_the_same() {
    let draw = |_| random_password().expect("a password").expose_secret().to_owned();
    let passwords: HashSet<String> = (0..DRAWS).map(draw).collect();
    assert_eq!(passwords.len(), DRAWS);
    for password in &passwords {
        let is_url_safe = password.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        assert!(is_url_safe, "{password}");
        let bits = password.len() * 6;
        assert!(bits >= 120, "{bits} bits");
    }
}

#[test]
fn every_bit_of_a_secret_varies() {
    let (mut ever_set, mut ever_clear) = ([0_u8; 32], [0_u8; 32]);
    let mut secrets = HashSet::new();
    for _ in 0..DRAWS {
        let secret = OsSecrets.secret().expect("a secret");
        for (index, byte) in secret.iter().enumerate() {
            ever_set[index] |= byte;
            ever_clear[index] |= !byte;
        }
        secrets.insert(secret);
    }
    assert_eq!((ever_set, ever_clear), ([0xff; 32], [0xff; 32]));
    assert_eq!(secrets.len(), DRAWS, "no secret is generated twice");
}

#[test]
fn debug_shows_no_secret() {
    for secret in [random_secret().expect("a secret"), random_password().expect("a password")] {
        let shown = format!("{secret:?}");
        assert!(!shown.contains(secret.expose_secret()), "{shown}");
    }
}
