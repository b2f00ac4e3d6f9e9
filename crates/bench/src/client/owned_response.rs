//! Responses that outlive their connection's buffer.

use serde_json::Value;

use super::Response;

/// Headers of one exchange, which may differ between repetitions of the same response.
const PER_EXCHANGE: [&str; 6] =
    ["connection", "date", "x-request-id", "ratelimit", "ratelimit-policy", "idempotency-replayed"];

/// The status, headers and body of a response, to be compared with another response to the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedResponse {
    status: u16,
    /// With names in lower case, sorted.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl From<Response<'_>> for OwnedResponse {
    fn from(response: Response<'_>) -> Self {
        let named = response.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let mut headers: Vec<_> = named.collect();
        headers.sort();
        Self { status: response.status(), headers, body: response.body().to_vec() }
    }
}

impl OwnedResponse {
    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server marks the response as a replay of an earlier one.
    pub(crate) fn is_replayed(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }

    /// Whether the server closes the connection after this response.
    pub(crate) fn closes_connection(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Whether status, headers and body are equal to the byte, apart from headers of one exchange.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        let repeated = |response: &Self| {
            let headers = response.headers.iter().filter(|(name, _)| !PER_EXCHANGE.contains(&name.as_str()));
            headers.cloned().collect::<Vec<_>>()
        };
        (self.status, repeated(self), &self.body) == (other.status, repeated(other), &other.body)
    }

    /// Returns the value of a header, named in lower case.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON; null if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns the body as JSON, or an error if the status is another one.
    pub(crate) fn expect_status(&self, expected: u16) -> anyhow::Result<Value> {
        anyhow::ensure!(self.status == expected, "the response is not {expected}: {}", self.text());
        Ok(self.json())
    }

    /// Returns the status and the body for an error message.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }

    /// Whether it is a problem (RFC 9457) with the status of the response.
    pub(crate) fn is_problem(&self) -> bool {
        self.header("content-type") == Some("application/problem+json") && self.json()["status"] == self.status
    }

    /// Whether it is a 503 as the API documents it: a problem that says when to retry.
    pub(crate) fn is_documented_refusal(&self) -> bool {
        self.status == 503 && self.is_problem() && self.header("retry-after").is_some()
    }
}

#[cfg(test)]
impl OwnedResponse {
    pub(crate) fn for_tests(status: u16, headers: &[(&str, &str)], body: &Value) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { status, headers, body: body.to_string().into_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_differ_by_status_headers_and_body() {
        let response = OwnedResponse::for_tests(201, &[("etag", "\"1\"")], &json!({"id": 1}));
        let headers = [("etag", "\"1\""), ("date", "later"), ("idempotency-replayed", "true")];
        let replayed = OwnedResponse::for_tests(201, &headers, &json!({"id": 1}));
        assert!(replayed.equals(&response) && replayed.is_replayed() && !response.is_replayed());
        for other in [
            OwnedResponse::for_tests(200, &[("etag", "\"1\"")], &json!({"id": 1})),
            OwnedResponse::for_tests(201, &[("etag", "\"2\"")], &json!({"id": 1})),
            OwnedResponse::for_tests(201, &[], &json!({"id": 1})),
            OwnedResponse::for_tests(201, &[("etag", "\"1\"")], &json!({"id": 2})),
        ] {
            assert!(!other.equals(&response), "{other:?}");
        }
    }

    #[test]
    fn a_problem_has_the_status_of_its_response() {
        let typed = [("content-type", "application/problem+json")];
        assert!(OwnedResponse::for_tests(503, &typed, &json!({"status": 503})).is_problem());
        assert!(!OwnedResponse::for_tests(503, &typed, &json!({"status": 500})).is_problem());
        assert!(!OwnedResponse::for_tests(503, &[], &json!({"status": 503})).is_problem());
    }

    #[test]
    fn a_documented_refusal_says_when_to_retry() {
        let headers = [("content-type", "application/problem+json"), ("retry-after", "1")];
        assert!(OwnedResponse::for_tests(503, &headers, &json!({"status": 503})).is_documented_refusal());
        assert!(!OwnedResponse::for_tests(503, &headers[..1], &json!({"status": 503})).is_documented_refusal());
        assert!(!OwnedResponse::for_tests(500, &headers, &json!({"status": 500})).is_documented_refusal());
    }
}
