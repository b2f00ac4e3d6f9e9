//! The answers of commands, which can be kept and given again byte for byte.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use serde::{Deserialize, Serialize};

use crate::problem::{Problem, ProblemCode};

/// Says that the answer is the one that was given before.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A status, headers and a body. What belongs to one request only, such as its id, is no part of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// Nothing to say but that it is done.
    pub(crate) const fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: String::new() }
    }

    /// A JSON body.
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

    /// The answer, to be kept.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// An answer that was kept.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        let broken = |error| Problem::caused_by(ProblemCode::Internal, "the reply kept for the key is broken", error);
        serde_json::from_slice(bytes).map_err(broken)
    }

    /// The same answer once more.
    pub(crate) fn replayed(self) -> Result<HttpResponse, Problem> {
        let mut response = self.into_response()?;
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }

    pub(crate) fn into_response(self) -> Result<HttpResponse, Problem> {
        let broken = || Problem::new(ProblemCode::Internal, "the reply kept for the key is broken");
        let status = StatusCode::from_u16(self.status).map_err(|_| broken())?;
        let mut response = HttpResponse::build(status);
        for header in self.headers {
            response.insert_header(header);
        }
        Ok(if self.body.is_empty() { response.finish() } else { response.body(self.body) })
    }
}
