//! CORS: the origins whose pages may call the API (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use std::{fmt, str::FromStr};

use actix_cors::Cors;
use actix_web::{
    http::{Method, Uri, header},
    middleware::Condition,
};
use thiserror::Error;

/// How long browsers cache the answer to a preflight request.
const PREFLIGHT_SECONDS: usize = 3600;

/// The request headers that pages may send besides those that the specification always allows.
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

/// The response headers that pages may read besides those that the specification always allows.
const RESPONSE_HEADERS: [&str; 7] =
    ["etag", "idempotency-replayed", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"];

/// The origins whose pages may call, each exactly as browsers send it. The default is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<String>);

/// Why a list of origins cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be {}", CorsOrigins::ALLOWED)]
pub struct CorsOriginsError;

impl CorsOrigins {
    /// The allowed form of a list of origins.
    pub const ALLOWED: &str =
        "exact origins such as https://incidents.example.org, separated by commas, with neither `*` nor paths";
}

impl FromStr for CorsOrigins {
    type Err = CorsOriginsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = named.map(str::to_owned).collect();
        if origins.iter().all(|origin| is_canonical(origin)) { Ok(Self(origins)) } else { Err(CorsOriginsError) }
    }
}

impl fmt::Display for CorsOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Whether it is an origin in the form that browsers send: a scheme, a host in lower case, and the port unless it is the
/// scheme's default (RFC 6454, section 6.2). Origins are compared byte by byte, so any other form would never match.
fn is_canonical(origin: &str) -> bool {
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

/// The middleware. Requests of other origins are still served, because CORS is enforced by browsers: pages of those
/// origins can neither read the response nor send a token or JSON. The API uses no cookies, so credentials are not
/// allowed.
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
    fn an_origin_is_accepted_only_in_the_form_that_browsers_send() {
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
    fn origins_are_separated_by_commas_and_one_invalid_origin_makes_the_list_invalid() {
        let both = CorsOrigins(vec!["https://a.example".to_owned(), "https://b.example:8443".to_owned()]);
        assert_eq!("https://a.example, https://b.example:8443,".parse(), Ok(both.clone()));
        assert_eq!(both.to_string().parse(), Ok(both));
        assert_eq!("".parse(), Ok(CorsOrigins::default()));
        assert_eq!("https://a.example,*".parse::<CorsOrigins>(), Err(CorsOriginsError));
    }
}
