//! Problems for what is not a request. hyper answers a head that it cannot parse by itself, with a status and an empty body.

use std::fmt::Write;

use actix_web::{HttpResponse, body::MessageBody, http::header};

use crate::{
    middleware::add_security_headers,
    problem::{Problem, ProblemCode},
    request::X_REQUEST_ID,
    server::context::Worker,
};

/// A response that hyper has made by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BareError {
    status: u16,
}

/// What hyper writes after the status line, up to the date.
const BARE_HEADERS: &[u8] = b"connection: close\r\ncontent-length: 0\r\ndate: ";

/// A bare error is no longer than this.
const BARE_BYTES_MAX: usize = 192;

/// Finds a bare error at the end of these bytes. Responses of the application always have more headers.
pub(super) fn find(bytes: &[u8]) -> Option<(usize, BareError)> {
    if !bytes.ends_with(b" GMT\r\n\r\n") {
        return None;
    }
    let searched_from = bytes.len().saturating_sub(BARE_BYTES_MAX);
    let end = bytes.get(searched_from..)?;
    let headers = end.windows(BARE_HEADERS.len()).rposition(|window| window == BARE_HEADERS)?;
    let start = end.get(..headers)?.windows(7).rposition(|window| window == b"HTTP/1.")?;
    let status_line = std::str::from_utf8(end.get(start..headers)?).ok()?.strip_suffix("\r\n")?;
    let date = end.get(headers + BARE_HEADERS.len()..end.len() - 4)?;
    let status = status_line.get(9..12)?.parse().ok().filter(|status| (400..500).contains(status))?;
    (!status_line.contains('\r') && !date.contains(&b'\r')).then_some((searched_from + start, BareError { status }))
}

impl BareError {
    /// Renders the problem that is sent instead.
    pub(super) fn problem(self, worker: &Worker) -> Vec<u8> {
        let problem = match self.status {
            414 | 431 => Problem::new(ProblemCode::HeadTooLarge, "the request line and the headers are too long"),
            _ => Problem::new(ProblemCode::BadRequest, "the request line or a header is malformed"),
        };
        render(worker, problem)
    }
}

/// Renders a problem as the last response of a connection of HTTP/1.
pub(super) fn render(worker: &Worker, problem: Problem) -> Vec<u8> {
    let request_id = worker.shared.state.ids.next_id().to_string();
    tracing::debug!(request_id, code = problem.code().as_str(), "refused what is no request");
    let mut response: HttpResponse = problem.into_response(&request_id);
    add_security_headers(response.headers_mut(), worker.shared.transport);
    let mut head = format!("HTTP/1.1 {}\r\n{X_REQUEST_ID}: {request_id}\r\n", response.status());
    for (name, value) in response.headers() {
        let _ = write!(head, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    let body = response.into_body().try_into_bytes().unwrap_or_default();
    let _ = write!(head, "{}: {}\r\nconnection: close\r\n\r\n", header::CONTENT_LENGTH, body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
                        date: Sat, 31 Jan 2026 12:00:00 GMT\r\n\r\n";

    #[test]
    fn only_a_bare_error_at_the_end_is_found() {
        let found = |text: &str| find(text.as_bytes()).map(|(start, error)| (start, error.status));
        assert_eq!(found(BARE), Some((0, 431)));
        assert_eq!(found(&format!("{}{BARE}", "x".repeat(1000))), Some((1000, 431)));
        assert_eq!(found(&BARE.replace("431", "200")), None);
        assert_eq!(found(&BARE.replace("date", "x-request-id: 1\r\ndate")), None);
        assert_eq!(found(&BARE.replace("connection", "x: y\r\nconnection")), None);
        assert_eq!(found(&format!("{BARE}x")), None);
        assert_eq!(found(""), None);
    }
}
