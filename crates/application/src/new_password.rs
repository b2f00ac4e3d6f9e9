//! Whether a password is one that others would guess.

use incident_domain::{Email, Password, PersonName};
use thiserror::Error;
use zxcvbn::Score;

/// The password is among those that are tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is too easy to guess")]
pub struct GuessablePassword;

/// The least score: guessing takes more than 100 million attempts, each of which costs a hash.
const SCORE_MIN: Score = Score::Three;

/// Refuses common passwords, patterns, and what follows from the account itself, by the estimate of zxcvbn
/// (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", 2016).
pub(crate) fn require_hard_to_guess(
    password: &Password,
    email: &Email,
    name: &PersonName,
) -> Result<(), GuessablePassword> {
    let own_words: Vec<&str> = [email.as_str(), name.as_str()]
        .into_iter()
        .chain(email.as_str().split(['@', '.']))
        .chain(name.as_str().split_whitespace())
        .collect();
    let estimate = zxcvbn::zxcvbn(password.expose(), &own_words);
    if estimate.score() >= SCORE_MIN { Ok(()) } else { Err(GuessablePassword) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), GuessablePassword> {
        let password = Password::parse(password).unwrap();
        let (email, name) = (Email::parse("ada.lovelace@example.org"), PersonName::parse("Augusta King"));
        require_hard_to_guess(&password, &email.unwrap(), &name.unwrap())
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password1234",
            "passwordpassword",
            "123456789012",
            "qwertyuiop123",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "iloveyou1234",
            "adalovelace1",
            "Augusta King1",
            "lovelace2026",
        ] {
            assert_eq!(check(password), Err(GuessablePassword), "{password}");
        }
    }

    #[test]
    fn what_nobody_tries_is_taken_without_rules_about_its_characters() {
        for password in ["correct horse battery staple", "zkqvhwmxtjrp", "九龍の夜景は綺麗だね", "Tr0ub4dour&3 sings"]
        {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }
}
