//! The request id: the client's own if it is safe to log, a new one otherwise.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, http::header::HeaderName};
use incident_domain::kernel::IdGenerator;

/// Carries the request id in requests and responses.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of a client's own request id.
const REQUEST_ID_CHARS_MAX: usize = 128;

/// Identifies a request in the log, the audit and the response.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// Takes the client's id if it consists of letters, digits and `-_.:/+=` only, which are safe in a log. Makes a new
    /// one otherwise.
    pub(crate) fn take_or_make(request: &ServiceRequest, ids: &dyn IdGenerator) -> Self {
        let given = request.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let is_safe = |id: &&str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
            !id.is_empty() && id.len() <= REQUEST_ID_CHARS_MAX && id.bytes().all(is_plain)
        };
        Self(given.filter(is_safe).map_or_else(|| ids.next_id().to_string(), str::to_owned))
    }

    /// Returns the id of a request that is being handled.
    pub(crate) fn of(request: &HttpRequest) -> Option<String> {
        request.extensions().get::<Self>().map(|id| id.0.clone())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
