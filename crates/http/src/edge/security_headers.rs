//! Headers that tell browsers and caches to be careful, on every answer. Each is only added where the handler has not
//! said something of its own: a page for people needs a looser policy than JSON.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Where the answer goes out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// As plain text, to a proxy or a machine nearby.
    Plain,
    /// Encrypted by this server.
    Tls,
}

const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    // What we call JSON is JSON, whatever it looks like.
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // JSON loads nothing and runs nothing, should anybody show it as a page.
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    // The same for browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Paths and parameters say what somebody works on.
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Whoever came here over TLS once, never comes without it for a year.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What has an entity tag may be kept by whoever it was sent to, who has to ask each time whether it still holds.
const REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Anything else is for nobody's disk: tokens, people, incidents.
const NOT_STORED: HeaderValue = HeaderValue::from_static("no-store");

pub(crate) fn add_security_headers(answer: &mut HeaderMap, transport: Transport) {
    let mut add = |name: HeaderName, value: HeaderValue| {
        if !answer.contains_key(&name) {
            answer.insert(name, value);
        }
    };
    for (name, value) in ALWAYS {
        add(name, value);
    }
    if transport == Transport::Tls {
        add(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    let caching = if answer.contains_key(header::ETAG) { REVALIDATED } else { NOT_STORED };
    if !answer.contains_key(header::CACHE_CONTROL) {
        answer.insert(header::CACHE_CONTROL, caching);
    }
}
