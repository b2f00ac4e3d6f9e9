//! How easily a new password is guessed.

use incident_domain::{
    identity::{Email, Password},
    kernel::PersonName,
};
use thiserror::Error;
use zxcvbn::Score;

/// The password is among those that an attacker tries first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is too easy to guess")]
pub struct GuessablePassword;

/// The least score: guessing takes more than 100 million attempts, each of which costs a hash.
const SCORE_MIN: Score = Score::Three;

/// Passes if a password is not common, a pattern, or derived from the account itself, by the estimate of zxcvbn (Wheeler,
/// "zxcvbn: Low-Budget Password Strength Estimation", 2016).
pub(crate) fn require_hard_to_guess(
    password: &Password,
    email: &Email,
    name: &PersonName,
) -> Result<(), GuessablePassword> {
    let own_words = own_words(email, name);
    let estimate = zxcvbn::zxcvbn(password.expose(), &own_words.iter().map(String::as_str).collect::<Vec<_>>());
    if estimate.score() >= SCORE_MIN { Ok(()) } else { Err(GuessablePassword) }
}

/// Returns the address and the name: whole, in parts, and with the parts joined.
fn own_words(email: &Email, name: &PersonName) -> Vec<String> {
    let mut words = Vec::new();
    for text in [email.as_str(), email.as_str().split('@').next().unwrap_or_default(), name.as_str()] {
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        words.extend([text.to_owned(), parts.clone().collect()]);
        words.extend(parts.map(str::to_owned));
    }
    words
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
    fn common_and_personal_passwords_are_refused() {
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
    fn hard_passwords_are_accepted_whatever_their_characters() {
        for password in ["correct horse battery staple", "zkqvhwmxtjrp", "九龍の夜景は綺麗だね", "Tr0ub4dour&3 sings"]
        {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }
}
