//! Which pages of other origins may call (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use std::{fmt, str::FromStr};

use actix_cors::Cors;
use actix_web::{
    http::{Method, Uri, header},
    middleware::Condition,
};
use thiserror::Error;

/// For how long a browser remembers what it may do.
const PREFLIGHT_SECONDS: usize = 3600;

/// What requests may bring along besides what every page may send.
const REQUEST_HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "tracestate",
    "x-request-id",
];

/// What a page may read of an answer besides its body and what it may read of every answer.
const RESPONSE_HEADERS: [&str; 7] =
    ["etag", "idempotency-replayed", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"];

/// The origins whose pages may call, each exactly as browsers name it; none unless they are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<String>);

/// Why a list of origins cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be {}", CorsOrigins::ALLOWED)]
pub struct CorsOriginsError;

impl CorsOrigins {
    /// What a list of origins may be.
    pub const ALLOWED: &str =
        "exact origins such as https://incidents.example.org, separated by commas, with neither `*` nor paths";
}

impl FromStr for CorsOrigins {
    type Err = CorsOriginsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = named.map(str::to_owned).collect();
        if origins.iter().all(|origin| is_as_browsers_name_it(origin)) {
            Ok(Self(origins))
        } else {
            Err(CorsOriginsError)
        }
    }
}

impl fmt::Display for CorsOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Whether it is an origin in the only form that browsers send, and which is compared byte by byte: a scheme, a host
/// in lower case, and the port unless the scheme has it anyway (RFC 6454, section 6.2). Anything else would be
/// accepted here and match nobody.
fn is_as_browsers_name_it(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
    let usual_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let port = match uri.port_u16() {
        None => String::new(),
        Some(port) if port == usual_port => return false,
        Some(port) => format!(":{port}"),
    };
    let is_host =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte));
    is_host && origin == format!("{scheme}://{}{port}", host.to_lowercase())
}

/// The middleware. Requests from elsewhere are served all the same, since only browsers ask: their pages cannot read
/// the answer, and cannot send a token or JSON in the first place. Nothing here goes by cookies, so none are allowed.
pub(crate) fn cors(CorsOrigins(origins): &CorsOrigins) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers(REQUEST_HEADERS)
        .allowed_header(header::ACCEPT)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(PREFLIGHT_SECONDS);
    let cors = origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin));
    Condition::new(!origins.is_empty(), cors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_only_as_browsers_name_it() {
        for origin in [
            "https://incidents.example.org",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://example.org:80",
        ] {
            assert_eq!(origin.parse(), Ok(CorsOrigins(vec![origin.to_owned()])));
        }
        for refused in [
            "*",
            "null",
            "example.org",
            "https://",
            "https://example.org/",
            "https://example.org/app",
            "https://example.org?x",
            "https://example.org#x",
            "https://example.org:443",
            "http://example.org:80",
            "https://example.org:",
            "https://example.org:099",
            "https://Example.org",
            "HTTPS://example.org",
            "https://ada@example.org",
            "https://*.example.org",
            "ftp://example.org",
            "https://a.example https://b.example",
        ] {
            assert_eq!(refused.parse::<CorsOrigins>(), Err(CorsOriginsError), "{refused}");
        }
    }

    #[test]
    fn several_are_separated_by_commas_and_one_wrong_spoils_all() {
        let both = CorsOrigins(vec!["https://a.example".to_owned(), "https://b.example:8443".to_owned()]);
        assert_eq!("https://a.example, https://b.example:8443,".parse(), Ok(both.clone()));
        assert_eq!(both.to_string().parse(), Ok(both));
        assert_eq!("".parse(), Ok(CorsOrigins::default()));
        assert_eq!("https://a.example,*".parse::<CorsOrigins>(), Err(CorsOriginsError));
    }
}
