//! Parsing the trace of strace.
//!
//! Its lines are in the order of the calls. A call during which others begin has two lines: one when it begins
//! (`<unfinished ...>`) and one when it ends (`<... resumed>`); any other begins and ends in its line.

use std::collections::HashMap;

use anyhow::Context;

use super::Flushes;

/// The beginning or the end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum CallEvent<'a> {
    Begins { thread: &'a str, call: &'a str, arguments: &'a str },
    Ends { thread: &'a str, call: &'a str, data: &'a str, result: i64 },
}

/// A request without a response so far.
#[derive(Clone, Copy, Debug, Default)]
struct Request {
    /// How often the log was written since the request was read.
    writes: u64,
    /// Whether the log was flushed after the last write.
    is_flushed: bool,
}

/// Returns when each write was flushed, from a trace of requests that were sent one after the other.
pub(super) fn flushes(trace: &str) -> anyhow::Result<Flushes> {
    let mut flushes = Flushes::default();
    let mut request: Option<Request> = None;
    // The call that each thread has begun, and for a flush of the log, how often it was written before.
    let mut begun: HashMap<&str, (&str, Option<u64>)> = HashMap::new();
    for event in trace.lines().flat_map(call_events) {
        match event {
            CallEvent::Begins { thread, call, arguments } => {
                let writes = request.map(|request| request.writes);
                let writes_before = if is_flush(call) && is_log(arguments) { writes } else { None };
                begun.insert(thread, (call, writes_before));
                if let Some(request) = request.as_mut().filter(|_| is_write(call) && is_log(arguments)) {
                    *request = Request { writes: request.writes + 1, is_flushed: false };
                }
                if is_write(call) && data_starts_with(arguments, "HTTP/1.1 2") {
                    // The response to another request, such as a sign-in, is ignored.
                    let Some(Request { writes, is_flushed }) = request.take() else { continue };
                    *match (writes, is_flushed) {
                        (0, _) => &mut flushes.unseen,
                        (_, true) => &mut flushes.before,
                        (_, false) => &mut flushes.not_before,
                    } += 1;
                }
            }
            CallEvent::Ends { thread, call, data, result } => {
                let (_, writes_before) =
                    begun.remove(thread).filter(|(begun, _)| *begun == call).unwrap_or((call, None));
                if is_read(call) && result > 0 && is_write_request(data) {
                    anyhow::ensure!(
                        request.is_none(),
                        "a request was read before the response to the last one: {data}"
                    );
                    request = Some(Request::default());
                }
                // A flush that began before the last write does not count, nor one that began before the request.
                if let (Some(request), Some(writes), 0) = (request.as_mut(), writes_before, result) {
                    request.is_flushed |= writes == request.writes && writes > 0;
                }
            }
        }
    }
    anyhow::ensure!(request.is_none(), "the last request has no response");
    Ok(flushes)
}

/// Whether it is a request that changes an incident; only these are checked.
fn is_write_request(data: &str) -> bool {
    ["POST", "PATCH"].into_iter().any(|method| data_starts_with(data, &format!("{method} /api/v1/incidents")))
}

/// Whether the quoted data that was read or written starts with this text.
fn data_starts_with(text: &str, begin: &str) -> bool {
    text.find('"').is_some_and(|quote| text[quote + 1..].starts_with(begin))
}

/// Whether the first argument is the write-ahead log, as in `fdatasync(9</data/bench.db-wal>)`.
fn is_log(arguments: &str) -> bool {
    let path = arguments.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.is_some_and(|(path, _)| path.ends_with("-wal"))
}

fn is_flush(call: &str) -> bool {
    ["fsync", "fdatasync"].contains(&call)
}

fn is_read(call: &str) -> bool {
    ["read", "readv", "recvfrom", "recvmsg"].contains(&call)
}

fn is_write(call: &str) -> bool {
    ["write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev"].contains(&call)
}

/// Returns the beginning of a call, its end, both, or nothing if the line is not about a call.
fn call_events(line: &str) -> Vec<CallEvent<'_>> {
    parse(line).unwrap_or_default()
}

fn parse(line: &str) -> Option<Vec<CallEvent<'_>>> {
    let (thread, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    if let Some(resumed) = rest.strip_prefix("<... ") {
        let (call, rest) = resumed.split_once(" resumed>")?;
        let (data, result) = result(rest).ok()?;
        return Some(vec![CallEvent::Ends { thread, call, data, result }]);
    }
    let (call, rest) = rest.split_once('(')?;
    if let Some(arguments) = rest.strip_suffix("<unfinished ...>") {
        return Some(vec![CallEvent::Begins { thread, call, arguments }]);
    }
    let (arguments, result) = result(rest).ok()?;
    let begins = CallEvent::Begins { thread, call, arguments };
    Some(vec![begins, CallEvent::Ends { thread, call, data: arguments, result }])
}

/// Splits into the arguments before `) = 3` and the number. Data may contain the same characters, so the last ones
/// count.
fn result(rest: &str) -> anyhow::Result<(&str, i64)> {
    let (arguments, result) = rest.rsplit_once(") = ").or_else(|| rest.rsplit_once(')')).context("no result")?;
    let number = result.trim_start_matches([' ', '=']).split(' ').next().unwrap_or_default();
    Ok((arguments, number.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str =
        r#"7 recvfrom(12<socket:[5]>, "POST /api/v1/incidents HTTP/1.1\r\nh"..., 16384, 0, NULL, NULL) = 300"#;
    const WRITE: &str = r#"8 pwrite64(9</t/bench.db-wal>, "7\177\6"..., 4096, 0) = 4096"#;
    const FLUSH: &str = "8 fdatasync(9</t/bench.db-wal>)       = 0";
    const RESPONSE: &str =
        r#"7 sendto(12<socket:[5]>, "HTTP/1.1 201 Created\r\n"..., 400, MSG_NOSIGNAL, NULL, 0) = 400"#;
    const BEFORE: Flushes = Flushes { before: 1, not_before: 0, unseen: 0 };
    const NOT_BEFORE: Flushes = Flushes { before: 0, not_before: 1, unseen: 0 };

    fn flushes_of(lines: &[&str]) -> Flushes {
        flushes(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_log_flushed_between_the_write_and_the_response_is_durable() {
        assert_eq!(flushes_of(&[READ, WRITE, WRITE, FLUSH, RESPONSE]), BEFORE);
        let twice = flushes_of(&[READ, WRITE, FLUSH, RESPONSE, READ, WRITE, FLUSH, RESPONSE]);
        assert_eq!(twice, Flushes { before: 2, ..BEFORE });
    }

    #[test]
    fn a_response_without_a_flush_is_found() {
        let failed = FLUSH.replace("= 0", "= -1 EIO (Input/output error)");
        let of_another_file = FLUSH.replace("-wal", "");
        for lines in [
            &[READ, WRITE, RESPONSE][..],
            &[READ, WRITE, RESPONSE, FLUSH],
            &[READ, FLUSH, WRITE, RESPONSE],
            &[READ, WRITE, FLUSH, WRITE, RESPONSE],
            &[READ, WRITE, &failed, RESPONSE],
            &[READ, WRITE, &of_another_file, RESPONSE],
        ] {
            assert_eq!(flushes_of(lines), NOT_BEFORE, "{lines:?}");
        }
        assert_eq!(flushes_of(&[READ, WRITE, FLUSH, RESPONSE, READ, WRITE, RESPONSE]).not_before, 1);
    }

    #[test]
    fn a_response_without_a_write_shows_nothing() {
        assert_eq!(flushes_of(&[READ, FLUSH, RESPONSE]), Flushes { before: 0, not_before: 0, unseen: 1 });
    }

    #[test]
    fn a_flush_counts_when_it_ends() {
        let begins = "8 fdatasync(9</t/bench.db-wal> <unfinished ...>";
        let ends = "8 <... fdatasync resumed>)                = 0";
        assert_eq!(flushes_of(&[READ, WRITE, begins, ends, RESPONSE]), BEFORE);
        assert_eq!(flushes_of(&[READ, WRITE, begins, RESPONSE, ends]), NOT_BEFORE);
        assert_eq!(flushes_of(&[READ, WRITE, begins, WRITE.replace('8', "9").as_str(), ends, RESPONSE]), NOT_BEFORE);
        // A flush that began before the request was read is for another write.
        assert_eq!(flushes_of(&[begins, READ, WRITE, ends, RESPONSE]), NOT_BEFORE);
    }

    #[test]
    fn a_response_counts_when_it_begins() {
        let begins = r#"7 writev(12<socket:[5]>, [{iov_base="HTTP/1.1 200 OK\r\n"..., iov_len=9}], 1 <unfinished ...>"#;
        let ends = "7 <... writev resumed>)   = 9";
        assert_eq!(flushes_of(&[READ, WRITE, begins, FLUSH, ends]), NOT_BEFORE);
    }

    #[test]
    fn a_request_counts_when_it_has_been_read() {
        let begins = "7 recvfrom(12<socket:[5]>,  <unfinished ...>";
        let ends = r#"7 <... recvfrom resumed>"PATCH /api/v1/incidents/01 HTTP/1.1"..., 16384, 0, NULL, NULL) = 300"#;
        assert_eq!(flushes_of(&[begins, WRITE, FLUSH, ends, WRITE, RESPONSE]), NOT_BEFORE);
        assert_eq!(flushes_of(&[begins, ends, WRITE, FLUSH, RESPONSE]), BEFORE);
    }

    #[test]
    fn other_requests_are_ignored() {
        let sign_in = READ.replace("incidents", "auth/login");
        let nothing_yet =
            "7 recvfrom(12<socket:[5]>, 0x7f, 16384, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)";
        let lines = [&sign_in, WRITE, FLUSH, RESPONSE, nothing_yet, "7 +++ exited with 0 +++", "8 --- SIGCHLD {} ---"];
        assert_eq!(flushes_of(&lines), Flushes::default());
    }

    #[test]
    fn an_inconsistent_trace_is_an_error() {
        assert!(flushes(&[READ, READ].join("\n")).is_err());
        assert!(flushes(READ).is_err());
    }
}
