//! Settings that are not shown.

use std::fmt;

use url::Url;

/// Text that must not reach a log or a screen by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a URL has a password in it; of what is no URL, one is suspected before an `@`.
    pub fn holds_password(&self) -> bool {
        let Ok(url) = Url::parse(&self.0) else { return self.0.contains('@') };
        url.password().is_some() || url.query_pairs().any(|(name, _)| name.to_lowercase().contains("password"))
    }

    /// A URL as it may be shown: without the password, and without query values, which may hold one.
    pub fn without_password(&self) -> String {
        let Ok(mut url) = Url::parse(&self.0) else {
            return "(not shown)".to_owned();
        };
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return "(not shown)".to_owned();
        }
        url.set_query(None);
        url.to_string()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}
