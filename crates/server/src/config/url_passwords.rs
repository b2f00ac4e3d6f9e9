//! Passwords in URLs.

use url::Url;

/// Returns whether a URL contains a password. An invalid URL may contain one before an `@`.
pub(super) fn has_password(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return text.contains('@') };
    url.password().is_some() || url.query_pairs().any(|(name, _)| name.to_lowercase().contains("password"))
}

/// Returns a URL without its password, and without its query, which may contain one.
pub(crate) fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return "(not shown)".to_owned();
    };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "(not shown)".to_owned();
    }
    url.set_query(None);
    url.to_string()
}
