//! An answer that is kept, to be compared with another to the same request.

use super::Answer;

/// Headers that tell of one exchange and not of the reply: they may differ from one repetition to the next.
const OF_ONE_EXCHANGE: [&str; 6] =
    ["connection", "date", "x-request-id", "ratelimit", "ratelimit-policy", "idempotency-replayed"];

/// What a client was told: the status, the headers and the body, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    status: u16,
    /// In lower case and in order.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_replayed: bool,
}

impl Reply {
    pub(super) fn of(answer: Answer<'_>) -> Self {
        let named = answer.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let mut headers: Vec<_> = named.filter(|(name, _)| !OF_ONE_EXCHANGE.contains(&name.as_str())).collect();
        headers.sort();
        let is_replayed = answer.header("idempotency-replayed") == Some("true");
        Self { status: answer.status(), headers, body: answer.body().to_vec(), is_replayed }
    }

    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server says that it has given this answer before.
    pub(crate) const fn is_replayed(&self) -> bool {
        self.is_replayed
    }

    /// Whether both say the same, to the byte, but for whether it was said before.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        (self.status, &self.headers, &self.body) == (other.status, &other.headers, &other.body)
    }

    /// The value of a header, named in lower case.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The status and the body, for a message about it.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }

    /// Whether it is a problem (RFC 9457) whose status is the answer's.
    pub(crate) fn is_problem(&self) -> bool {
        self.header("content-type") == Some("application/problem+json") && self.json()["status"] == self.status
    }
}

#[cfg(test)]
impl Reply {
    pub(crate) fn for_tests(status: u16, headers: &[(&str, &str)], body: &serde_json::Value) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { status, headers, body: body.to_string().into_bytes(), is_replayed: false }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reply_differs_by_its_status_its_headers_and_its_body() {
        let reply = Reply::for_tests(201, &[("etag", "\"1\"")], &json!({"id": 1}));
        let replayed = Reply { is_replayed: true, ..reply.clone() };
        assert!(replayed.says_the_same_as(&reply));
        for other in [
            Reply::for_tests(200, &[("etag", "\"1\"")], &json!({"id": 1})),
            Reply::for_tests(201, &[("etag", "\"2\"")], &json!({"id": 1})),
            Reply::for_tests(201, &[], &json!({"id": 1})),
            Reply::for_tests(201, &[("etag", "\"1\"")], &json!({"id": 2})),
        ] {
            assert!(!other.says_the_same_as(&reply), "{other:?}");
        }
    }

    #[test]
    fn a_problem_has_the_status_of_its_answer() {
        let typed = [("content-type", "application/problem+json")];
        assert!(Reply::for_tests(503, &typed, &json!({"status": 503})).is_problem());
        assert!(!Reply::for_tests(503, &typed, &json!({"status": 500})).is_problem());
        assert!(!Reply::for_tests(503, &[], &json!({"status": 503})).is_problem());
    }
}
