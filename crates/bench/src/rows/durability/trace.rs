//! Reading what strace saw.
//!
//! Its lines are in the order in which it saw the calls. A call that others came in between of has two lines: one when
//! it begins (`<unfinished ...>`), one when it ends (`<... resumed>`); any other begins and ends in its line.

use std::collections::HashMap;

use anyhow::Context;

use super::Flushes;

/// A moment of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Moment<'a> {
    Begins { thread: &'a str, call: &'a str, arguments: &'a str },
    Ends { thread: &'a str, call: &'a str, data: &'a str, result: i64 },
}

/// A request that was read and is not answered yet.
#[derive(Clone, Copy, Debug, Default)]
struct Request {
    /// How often the log was written since it was read.
    writes: u64,
    /// Whether the log was flushed after the last of them.
    is_flushed: bool,
}

/// Judges each write request in a trace of requests that came one after the other.
pub(super) fn flushes(trace: &str) -> anyhow::Result<Flushes> {
    let mut judged = Flushes::default();
    let mut request: Option<Request> = None;
    // What each thread has begun: for a flush of the log, how often it was written then.
    let mut begun: HashMap<&str, (&str, Option<u64>)> = HashMap::new();
    for moment in trace.lines().flat_map(moments) {
        match moment {
            Moment::Begins { thread, call, arguments } => {
                let writes = request.map(|request| request.writes);
                let flushes = if is_flush(call) && is_log(arguments) { writes } else { None };
                begun.insert(thread, (call, flushes));
                if let Some(request) = request.as_mut().filter(|_| is_write(call) && is_log(arguments)) {
                    *request = Request { writes: request.writes + 1, is_flushed: false };
                }
                if is_write(call) && says(arguments, "HTTP/1.1 2") {
                    // The answer to something else, such as a sign-in, is not looked at.
                    let Some(Request { writes, is_flushed }) = request.take() else { continue };
                    *match (writes, is_flushed) {
                        (0, _) => &mut judged.unseen,
                        (_, true) => &mut judged.before,
                        (_, false) => &mut judged.not_before,
                    } += 1;
                }
            }
            Moment::Ends { thread, call, data, result } => {
                let (_, flushes) = begun.remove(thread).filter(|(begun, _)| *begun == call).unwrap_or((call, None));
                if is_read(call) && result > 0 && is_write_request(data) {
                    anyhow::ensure!(request.is_none(), "a request was read before the last one was answered: {data}");
                    request = Some(Request::default());
                }
                // A flush that began before the last write does not count, nor one that began before the request.
                if let (Some(request), Some(writes), 0) = (request.as_mut(), flushes, result) {
                    request.is_flushed |= writes == request.writes && writes > 0;
                }
            }
        }
    }
    anyhow::ensure!(request.is_none(), "the last request was not answered");
    Ok(judged)
}

/// The requests whose answers are looked at: those about incidents that change something.
fn is_write_request(data: &str) -> bool {
    ["POST", "PATCH"].into_iter().any(|method| says(data, &format!("{method} /api/v1/incidents")))
}

/// Whether what was read or written begins so; it stands in quotes.
fn says(text: &str, begin: &str) -> bool {
    text.find('"').is_some_and(|quote| text[quote + 1..].starts_with(begin))
}

/// Whether the first argument is the write-ahead log, as in `fdatasync(9</tmp/x/bench.db-wal>)`.
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

/// What a line tells: the beginning of a call, its end, both, or nothing of a call.
fn moments(line: &str) -> Vec<Moment<'_>> {
    parse(line).unwrap_or_default()
}

fn parse(line: &str) -> Option<Vec<Moment<'_>>> {
    let (thread, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    if let Some(resumed) = rest.strip_prefix("<... ") {
        let (call, rest) = resumed.split_once(" resumed>")?;
        let (data, result) = result(rest).ok()?;
        return Some(vec![Moment::Ends { thread, call, data, result }]);
    }
    let (call, rest) = rest.split_once('(')?;
    if let Some(arguments) = rest.strip_suffix("<unfinished ...>") {
        return Some(vec![Moment::Begins { thread, call, arguments }]);
    }
    let (arguments, result) = result(rest).ok()?;
    let begins = Moment::Begins { thread, call, arguments };
    Some(vec![begins, Moment::Ends { thread, call, data: arguments, result }])
}

/// The arguments before `) = 3`, and the number; data may hold the same characters, so the last ones count.
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
    const ANSWER: &str = r#"7 sendto(12<socket:[5]>, "HTTP/1.1 201 Created\r\n"..., 400, MSG_NOSIGNAL, NULL, 0) = 400"#;
    const BEFORE: Flushes = Flushes { before: 1, not_before: 0, unseen: 0 };
    const NOT_BEFORE: Flushes = Flushes { before: 0, not_before: 1, unseen: 0 };

    fn of(lines: &[&str]) -> Flushes {
        flushes(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_log_that_is_flushed_between_writing_it_and_answering_is_durable() {
        assert_eq!(of(&[READ, WRITE, WRITE, FLUSH, ANSWER]), BEFORE);
        let twice = of(&[READ, WRITE, FLUSH, ANSWER, READ, WRITE, FLUSH, ANSWER]);
        assert_eq!(twice, Flushes { before: 2, ..BEFORE });
    }

    #[test]
    fn an_answer_without_a_flush_is_found() {
        let failed = FLUSH.replace("= 0", "= -1 EIO (Input/output error)");
        let of_the_database = FLUSH.replace("-wal", "");
        for lines in [
            &[READ, WRITE, ANSWER][..],
            &[READ, WRITE, ANSWER, FLUSH],
            &[READ, FLUSH, WRITE, ANSWER],
            &[READ, WRITE, FLUSH, WRITE, ANSWER],
            &[READ, WRITE, &failed, ANSWER],
            &[READ, WRITE, &of_the_database, ANSWER],
        ] {
            assert_eq!(of(lines), NOT_BEFORE, "{lines:?}");
        }
        assert_eq!(of(&[READ, WRITE, FLUSH, ANSWER, READ, WRITE, ANSWER]).not_before, 1);
    }

    #[test]
    fn an_answer_to_which_nothing_was_written_shows_nothing() {
        assert_eq!(of(&[READ, FLUSH, ANSWER]), Flushes { before: 0, not_before: 0, unseen: 1 });
    }

    #[test]
    fn a_flush_counts_when_it_has_ended() {
        let begins = "8 fdatasync(9</t/bench.db-wal> <unfinished ...>";
        let ends = "8 <... fdatasync resumed>)                = 0";
        assert_eq!(of(&[READ, WRITE, begins, ends, ANSWER]), BEFORE);
        assert_eq!(of(&[READ, WRITE, begins, ANSWER, ends]), NOT_BEFORE);
        assert_eq!(of(&[READ, WRITE, begins, WRITE.replace('8', "9").as_str(), ends, ANSWER]), NOT_BEFORE);
        // One that began before the request was read is of something else.
        assert_eq!(of(&[begins, READ, WRITE, ends, ANSWER]), NOT_BEFORE);
    }

    #[test]
    fn an_answer_counts_when_it_begins() {
        let begins = r#"7 writev(12<socket:[5]>, [{iov_base="HTTP/1.1 200 OK\r\n"..., iov_len=9}], 1 <unfinished ...>"#;
        let ends = "7 <... writev resumed>)   = 9";
        assert_eq!(of(&[READ, WRITE, begins, FLUSH, ends]), NOT_BEFORE);
    }

    #[test]
    fn a_request_counts_when_it_was_read() {
        let begins = "7 recvfrom(12<socket:[5]>,  <unfinished ...>";
        let ends = r#"7 <... recvfrom resumed>"PATCH /api/v1/incidents/01 HTTP/1.1"..., 16384, 0, NULL, NULL) = 300"#;
        assert_eq!(of(&[begins, WRITE, FLUSH, ends, WRITE, ANSWER]), NOT_BEFORE);
        assert_eq!(of(&[begins, ends, WRITE, FLUSH, ANSWER]), BEFORE);
    }

    #[test]
    fn what_is_no_write_is_not_looked_at() {
        let sign_in = READ.replace("incidents", "auth/login");
        let nothing_yet =
            "7 recvfrom(12<socket:[5]>, 0x7f, 16384, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)";
        let lines = [&sign_in, WRITE, FLUSH, ANSWER, nothing_yet, "7 +++ exited with 0 +++", "8 --- SIGCHLD {} ---"];
        assert_eq!(of(&lines), Flushes::default());
    }

    #[test]
    fn a_trace_that_cannot_be_judged_is_refused() {
        assert!(flushes(&[READ, READ].join("\n")).is_err());
        assert!(flushes(READ).is_err());
    }
}
