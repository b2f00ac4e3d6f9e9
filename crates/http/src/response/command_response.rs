//! The responses of commands, which can be stored and sent again byte for byte.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use serde::{Deserialize, Serialize};

use crate::problem::{Problem, ProblemCode};

/// What a handler returns.
pub(crate) type Response = Result<HttpResponse, Problem>;

/// Marks a response that was sent before.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const BROKEN: &str = "the reply kept for the key is broken";

/// Status, headers and body of a response, without what belongs to one request only, such as its id.
#[derive(Serialize, Deserialize)]
pub(crate) struct CommandResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl CommandResponse {
    /// A response with 204 and no body.
    pub(crate) const fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: String::new() }
    }

    /// A response with a JSON body.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        #[expect(clippy::expect_used, reason = "structs of strings and numbers always become JSON")]
        let body = serde_json::to_string(body).expect("structs of strings and numbers always become JSON");
        Self { status: status.as_u16(), headers: Vec::new(), body }
            .with_header(&header::CONTENT_TYPE, "application/json")
    }

    pub(crate) fn with_header(mut self, name: &HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.as_str().to_owned(), value.into()));
        self
    }

    /// Serialises the response for the store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a stored response.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(bytes).map_err(|error| Problem::caused_by(ProblemCode::Internal, BROKEN, error))
    }

    /// Sends a stored response again.
    pub(crate) fn replayed(self) -> Response {
        let mut response = self.into_response()?;
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }

    pub(crate) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).map_err(|_| Problem::new(ProblemCode::Internal, BROKEN))?;
        let mut response = HttpResponse::build(status);
        for header in self.headers {
            response.insert_header(header);
        }
        Ok(if self.body.is_empty() { response.finish() } else { response.body(self.body) })
    }
}
