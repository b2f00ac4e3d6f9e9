//! Parsing responses (RFC 9112).

use anyhow::Context;

use super::OwnedResponse;

const HEAD_BYTES_MAX: usize = 64 * 1024;

const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

const CONTENT_LENGTH: &[u8] = b"content-length:";

/// Where the parts of a response are in the received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    status: u16,
    head_bytes: usize,
    body_bytes: usize,
}

impl Layout {
    /// Parses the head in one pass, since this runs for every response of a load; `None` while the head is incomplete.
    pub(super) fn parse(received: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some((end, length)) = end_and_length(received) else {
            anyhow::ensure!(received.len() <= HEAD_BYTES_MAX, "a response head has more than {HEAD_BYTES_MAX} bytes");
            return Ok(None);
        };
        let head = || received[..end].escape_ascii();
        let status = received.strip_prefix(b"HTTP/1.1 ").and_then(|rest| number(rest.get(..3)?));
        let status = status.and_then(|status| u16::try_from(status).ok());
        let status = status.with_context(|| format!("not the head of an HTTP/1.1 response: {}", head()))?;
        let body_bytes = match length {
            Some(length) => number(length).with_context(|| format!("not a length: {}", length.escape_ascii()))?,
            // These have no body (RFC 9110, section 6.4.1).
            None if status == 204 || status == 304 => 0,
            None => anyhow::bail!("a response has no content-length: {}", head()),
        };
        anyhow::ensure!(body_bytes <= BODY_BYTES_MAX, "a response body has more than {BODY_BYTES_MAX} bytes");
        Ok(Some(Self { status, head_bytes: end, body_bytes }))
    }

    pub(super) const fn total_bytes(self) -> usize {
        self.head_bytes + self.body_bytes
    }
}

/// A complete response, borrowed from its connection's buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response<'a> {
    status: u16,
    head: &'a str,
    body: &'a [u8],
}

impl<'a> Response<'a> {
    pub(super) fn new(layout: Layout, received: &'a [u8]) -> anyhow::Result<Self> {
        let head = str::from_utf8(&received[..layout.head_bytes]).context("a response head is not text")?;
        Ok(Self { status: layout.status, head, body: &received[layout.head_bytes..layout.total_bytes()] })
    }

    pub(crate) const fn status(self) -> u16 {
        self.status
    }

    /// Returns the first value of a header.
    pub(crate) fn header(self, name: &str) -> Option<&'a str> {
        self.headers().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns the names and values of all headers, in the order of the response.
    pub(crate) fn headers(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.map(|(name, value)| (name, value.trim()))
    }

    pub(crate) const fn body(self) -> &'a [u8] {
        self.body
    }

    pub(crate) fn into_owned(self) -> OwnedResponse {
        OwnedResponse::from(self)
    }

    /// Returns the body as JSON; null if it is empty.
    pub(crate) fn json(self) -> anyhow::Result<serde_json::Value> {
        if self.body.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        serde_json::from_slice(self.body).with_context(|| format!("not JSON: {}", self.text()))
    }

    /// Returns the body for an error message.
    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

/// Returns where the head ends, with the empty line, and the value of `content-length`.
fn end_and_length(received: &[u8]) -> Option<(usize, Option<&[u8]>)> {
    let (mut start, mut length) = (0, None);
    loop {
        let rest = received.get(start..)?;
        let line_bytes = rest.iter().position(|byte| *byte == b'\n')? + 1;
        let line = &rest[..line_bytes];
        start += line_bytes;
        if line == b"\r\n" {
            return Some((start, length));
        }
        let is_length = line.get(..CONTENT_LENGTH.len()).is_some_and(|name| name.eq_ignore_ascii_case(CONTENT_LENGTH));
        if is_length && length.is_none() {
            length = line.get(CONTENT_LENGTH.len()..).map(<[u8]>::trim_ascii);
        }
    }
}

/// Parses a number that consists of digits only.
fn number(digits: &[u8]) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if is_number { str::from_utf8(digits).ok()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nETag: \"1\"\r\n\r\n{\"a\": 1}rest";

    #[test]
    fn a_head_is_parsed_once_it_is_complete() {
        let head_bytes = WHOLE.len() - "{\"a\": 1}rest".len();
        for received in 0..head_bytes {
            assert_eq!(Layout::parse(&WHOLE[..received]).unwrap(), None, "{received} bytes");
        }
        let layout = Layout::parse(WHOLE).unwrap().unwrap();
        assert_eq!(layout, Layout { status: 200, head_bytes, body_bytes: 8 });
        let response = Response::new(layout, WHOLE).unwrap();
        assert_eq!((response.status(), response.text().as_str()), (200, "{\"a\": 1}"));
        assert_eq!(response.json().unwrap()["a"], 1);
    }

    #[test]
    fn header_names_are_case_insensitive() {
        let layout = Layout::parse(WHOLE).unwrap().unwrap();
        let response = Response::new(layout, WHOLE).unwrap();
        assert_eq!(response.header("etag"), Some("\"1\""));
        assert_eq!(response.header("retry-after"), None);
        let names: Vec<_> = response.headers().map(|(name, _)| name).collect();
        assert_eq!(names, ["Content-Length", "ETag"]);
        assert_eq!(response.body(), b"{\"a\": 1}");
    }

    #[test]
    fn a_response_without_content_needs_no_length() {
        let received = b"HTTP/1.1 204 No Content\r\ndate: today\r\n\r\n";
        let layout = Layout::parse(received).unwrap().unwrap();
        assert_eq!(layout.total_bytes(), received.len());
        assert_eq!(Response::new(layout, received).unwrap().json().unwrap(), serde_json::Value::Null);
    }

    #[test]
    fn unsupported_responses_are_errors() {
        for received in [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
            "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
            "SMTP\r\n\r\n",
        ] {
            assert!(Layout::parse(received.as_bytes()).is_err(), "{received}");
        }
        assert!(Layout::parse(&vec![b'a'; HEAD_BYTES_MAX + 1]).is_err());
    }
}
