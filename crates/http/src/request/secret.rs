//! Passwords and tokens in bodies.

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};

/// A password or a token as a client sends it. It cannot be printed, and what is sent in its place is not told
/// again by the refusal.
#[derive(PartialEq, Eq)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// The text, for whoever checks it.
    pub(crate) fn into_exposed(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::invalid_type(Unexpected::Other("something else"), &"a string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_without_telling_it_again() {
        for json in ["4711", "[4711]", "{\"a\": 4711}", "true", "null"] {
            let error = serde_json::from_str::<SecretText>(json).err().unwrap().to_string();
            assert!(error.starts_with("invalid type: something else, expected a string"), "{error}");
        }
        assert!(serde_json::from_str::<SecretText>("\"4711\"").is_ok_and(|secret| secret.into_exposed() == "4711"));
    }
}
