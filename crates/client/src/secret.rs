//! Secrets in the bodies of requests.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// Serialises the text of a secret, or of an optional one.
pub(crate) fn expose<'a, S: Serializer>(
    secret: impl Into<Option<&'a SecretString>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.into().map(SecretString::expose_secret).serialize(serializer)
}
