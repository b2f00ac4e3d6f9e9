//! One connection, from its acceptance to its end.

mod bare_problem;
mod exchange;
mod progress;
mod request_body;
mod response_body;
mod socket;

use std::{net::SocketAddr, pin::pin, rc::Rc, time::Duration};

use hyper::{
    rt::Executor,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    task::spawn_local,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    context::Worker,
    open_connections::Admission,
    tls::{HTTP_2, TlsConfig},
};
use crate::{
    problem::{Problem, ProblemCode},
    telemetry::ConnectionEnd,
};
use exchange::{Client, answer};
use progress::Progress;
use socket::{SharedSocket, Stream};

/// The largest head of a request, and the most that is buffered of a connection of HTTP/1 in either direction.
const HTTP1_BUFFER_BYTES_MAX: usize = 24 * 1024;

/// How many requests one connection of HTTP/2 may have at the same time (RFC 9113, section 6.5.2, recommends at least 100).
const HTTP2_STREAMS_MAX: u32 = 100;

/// The largest headers of a request of HTTP/2, as RFC 9113, section 6.5.2, counts them.
const HTTP2_HEADER_LIST_BYTES_MAX: u32 = 64 * 1024;

/// How much of one body, and of all bodies of a connection, a client of HTTP/2 may send before it is read.
const HTTP2_STREAM_WINDOW_BYTES: u32 = 64 * 1024;
const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 512 * 1024;

/// How much of one response waits for a client of HTTP/2.
const HTTP2_SEND_BUFFER_BYTES_MAX: usize = 64 * 1024;

/// How often the server asks whether a client of HTTP/2 is still there, and how long that may take.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(20);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(20);

/// How often a connection that could wait for ever is looked at.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Serves a connection until its client or the server ends it.
pub(super) async fn serve(worker: Rc<Worker>, stream: TcpStream, peer: SocketAddr, admission: Admission) {
    // Responses are written whole, so nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let admission = Rc::new(admission);
    let connection = Connection { progress: Rc::new(Progress::new(admission.clone())), worker: worker.clone(), peer };
    tokio::select! {
        () = connection.serve(stream) => {}
        () = admission.replaced() => {}
        () = worker.shared.end.cancelled() => {}
    }
}

struct Connection {
    worker: Rc<Worker>,
    progress: Rc<Progress>,
    peer: SocketAddr,
}

/// How the protocol of a connection ended.
enum Outcome {
    /// By an agreement of both, or an error that nobody can be told.
    Ended,
    /// The client did not send a whole head in time.
    SlowHead,
    /// The server waits no longer.
    Abandoned,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let timeouts = self.worker.shared.timeouts;
        let stream = match &self.worker.shared.tls {
            Some(tls) => match self.accept_tls(tls, stream, timeouts.tls_handshake).await {
                Some(stream) => stream,
                None => return,
            },
            None => Stream::Plain(stream),
        };
        let is_http2 = stream.protocol() == Some(HTTP_2);
        let bare_problems = (!is_http2).then(|| self.worker.clone());
        let socket = SharedSocket::new(stream, self.progress.clone(), timeouts.write_progress, bare_problems);
        let outcome = if is_http2 { self.serve_http2(&socket).await } else { self.serve_http1(&socket).await };
        let last_words = match outcome {
            Outcome::Abandoned => return,
            Outcome::SlowHead if self.progress.has_unanswered_bytes() => {
                let seconds = timeouts.request_head.as_secs();
                let detail = format!("the head of the request did not arrive within {seconds} s");
                Some(bare_problem::render(&self.worker, Problem::new(ProblemCode::RequestTimeout, detail)))
            }
            Outcome::SlowHead | Outcome::Ended => None,
        };
        let closed = socket.close(last_words, timeouts.linger);
        tokio::select! {
            () = closed => {}
            () = self.worker.arrivals_over.cancelled() => {}
        }
    }

    async fn accept_tls(&self, tls: &TlsConfig, stream: TcpStream, limit: Duration) -> Option<Stream> {
        let accepted = timeout(limit, tls.acceptor().accept(stream));
        tokio::select! {
            accepted = accepted => Some(Stream::Tls(Box::new(accepted.ok()?.ok()?))),
            // Whoever has not said anything need not be told that the server stops.
            () = self.worker.shared.stop.cancelled() => None,
        }
    }

    fn client(&self) -> Client {
        Client { worker: self.worker.clone(), progress: self.progress.clone(), peer: self.peer }
    }

    async fn serve_http1(&self, socket: &SharedSocket) -> Outcome {
        let client = Rc::new(self.client());
        let service = service_fn(move |request| answer(client.clone(), request));
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            .header_read_timeout(self.worker.shared.timeouts.request_head)
            // A client may close its side after its request, and still wants the response.
            .half_close(true)
            // As TLS, one buffer is written at a time, so that a bare error of the parser is seen whole.
            .writev(false)
            .max_buf_size(HTTP1_BUFFER_BYTES_MAX);
        let mut connection = pin!(protocol.serve_connection(TokioIo::new(socket.clone()), service));
        tokio::select! {
            ended = connection.as_mut() => return Self::outcome(ended),
            () = self.worker.shared.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            ended = connection => Self::outcome(ended),
            () = self.abandoned() => Outcome::Abandoned,
        }
    }

    async fn serve_http2(&self, socket: &SharedSocket) -> Outcome {
        let client = Rc::new(self.client());
        let service = service_fn(move |request| answer(client.clone(), request));
        let mut protocol = http2::Builder::new(LocalTasks);
        protocol
            .timer(TokioTimer::new())
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .max_header_list_size(HTTP2_HEADER_LIST_BYTES_MAX)
            .initial_stream_window_size(HTTP2_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(HTTP2_CONNECTION_WINDOW_BYTES)
            .max_send_buf_size(HTTP2_SEND_BUFFER_BYTES_MAX)
            .keep_alive_interval(HTTP2_PING_INTERVAL)
            .keep_alive_timeout(HTTP2_PING_TIMEOUT);
        let mut connection = pin!(protocol.serve_connection(TokioIo::new(socket.clone()), service));
        tokio::select! {
            ended = connection.as_mut() => return Self::outcome(ended),
            () = self.worker.shared.stop.cancelled() => {}
            () = self.idle_or_stalled() => {}
        }
        // GOAWAY: the client sends no further requests, and those that it has sent are answered.
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection => Self::outcome(ended),
            () = self.abandoned() => Outcome::Abandoned,
        }
    }

    fn outcome(ended: hyper::Result<()>) -> Outcome {
        match ended {
            Err(error) if error.is_timeout() => Outcome::SlowHead,
            _ => Outcome::Ended,
        }
    }

    /// Waits until an HTTP/2 connection had no request for a while, or its client accepts nothing of its responses.
    async fn idle_or_stalled(&self) {
        let timeouts = self.worker.shared.timeouts;
        let shortest = timeouts.http2_idle.min(timeouts.write_progress);
        let mut checks = interval((shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(5)));
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            checks.tick().await;
            if self.progress.idle_time().is_some_and(|time| time >= timeouts.http2_idle) {
                return;
            }
            if self.progress.stalled_time().is_some_and(|time| time >= timeouts.write_progress) {
                self.progress.note_end(ConnectionEnd::Stalled);
                return;
            }
        }
    }

    /// Waits, after the connection was asked to end, until it only waits for its client: for the rest of a request, or
    /// that it accepts a response. Requests that the server works on are waited for.
    async fn abandoned(&self) {
        let (patience, asked_at) = (self.worker.shared.timeouts.arrival_at_stop, Instant::now());
        let mut checks = interval(CHECK_INTERVAL.min(patience).max(Duration::from_millis(1)));
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            checks.tick().await;
            let is_over = asked_at.elapsed() >= patience;
            let is_stalled = || self.progress.stalled_time().is_some_and(|time| time >= patience);
            if is_over && (self.progress.idle_time().is_some_and(|time| time >= patience) || is_stalled()) {
                return;
            }
        }
    }
}

/// Runs the streams of HTTP/2 in the thread of their connection.
#[derive(Clone, Copy)]
struct LocalTasks;

impl<F: Future<Output: 'static> + 'static> Executor<F> for LocalTasks {
    fn execute(&self, task: F) {
        spawn_local(task);
    }
}
