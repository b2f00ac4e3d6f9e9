//! The request id: taken from the client if it is harmless, made otherwise.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, http::header::HeaderName};
use incident_domain::ports::IdGenerator;

/// Carries the request id in both directions.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of a client's own request id.
const REQUEST_ID_CHARS_MAX: usize = 128;

/// Finds a request in the log, the audit, and the answer.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// Takes the client's id if it is made of letters, digits and `-_.:/+=`, so that it can do no harm in
    /// a log; makes a new one otherwise.
    pub(crate) fn take_or_make(request: &ServiceRequest, ids: &dyn IdGenerator) -> Self {
        let given = request.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let harmless = |id: &&str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
            !id.is_empty() && id.len() <= REQUEST_ID_CHARS_MAX && id.bytes().all(plain)
        };
        Self(given.filter(harmless).map_or_else(|| ids.next_id().to_string(), str::to_owned))
    }

    /// The id of a request that is being served.
    pub(crate) fn of(request: &HttpRequest) -> Option<String> {
        request.extensions().get::<Self>().map(|id| id.0.clone())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
