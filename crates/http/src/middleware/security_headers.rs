//! Security and caching headers of every response. A header that the handler has set is kept: an HTML page needs a less
//! strict policy than JSON.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// How the response is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Unencrypted, to a proxy or a client in the same network.
    Plain,
    /// Encrypted by this server.
    Tls,
}

const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    // Browsers must not guess another content type.
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // JSON that is shown as a page must load and run nothing.
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    // For browsers without support of `frame-ancestors`.
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Paths and parameters reveal what a user works on.
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Browsers that have connected over TLS use nothing else for a year.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Responses with an entity tag may be cached by the client, which must revalidate them each time.
const REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Other responses must not be stored: they contain tokens, personal data and incidents.
const NOT_STORED: HeaderValue = HeaderValue::from_static("no-store");

pub(crate) fn add_security_headers(headers: &mut HeaderMap, transport: Transport) {
    let mut add = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    for (name, value) in ALWAYS {
        add(name, value);
    }
    if transport == Transport::Tls {
        add(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    let caching = if headers.contains_key(header::ETAG) { REVALIDATED } else { NOT_STORED };
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, caching);
    }
}
