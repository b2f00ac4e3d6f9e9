//! Requests as bytes, serialized once for any number of sends.

use std::fmt::Write;

use serde_json::Value;

/// A request under construction.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    head: String,
    body: Option<String>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path, None)
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path, Some(body))
    }

    pub(crate) fn patch(path: &str, body: &Value) -> Self {
        Self::new("PATCH", path, Some(body))
    }

    pub(crate) fn delete(path: &str) -> Self {
        Self::new("DELETE", path, None)
    }

    fn new(method: &str, path: &str, body: Option<&Value>) -> Self {
        Self { head: format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"), body: body.map(Value::to_string) }
    }

    /// Adds an access token.
    pub(crate) fn by(self, access_token: &str) -> Self {
        self.with("authorization", &format!("Bearer {access_token}"))
    }

    /// Adds an idempotency key.
    pub(crate) fn with_key(self, key: &str) -> Self {
        self.with("idempotency-key", &format!("\"{key}\""))
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.head, "{name}: {value}\r\n");
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let (content, body) = match self.body {
            Some(body) => (format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()), body),
            None => Default::default(),
        };
        format!("{}{content}\r\n{body}", self.head).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_written_as_http_1_1() {
        let read = Request::get("/a").by("secret").bytes();
        assert_eq!(read, b"GET /a HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer secret\r\n\r\n");
        let write = Request::post("/b", &json!({"ä": 1})).bytes();
        let expected = "POST /b HTTP/1.1\r\nhost: 127.0.0.1\r\n\
                        content-type: application/json\r\ncontent-length: 8\r\n\r\n{\"ä\":1}";
        assert_eq!(write, expected.as_bytes());
    }

    #[test]
    fn an_idempotency_key_is_a_quoted_string() {
        let request = Request::delete("/c").with_key("k-1").with("if-match", "\"2\"").bytes();
        let expected = "DELETE /c HTTP/1.1\r\nhost: 127.0.0.1\r\nidempotency-key: \"k-1\"\r\nif-match: \"2\"\r\n\r\n";
        assert_eq!(request, expected.as_bytes());
    }
}
