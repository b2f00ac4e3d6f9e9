//! The socket of a connection, with or without TLS: it notices clients that read nothing, and gives errors of the parser
//! their body.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep, timeout},
};
use tokio_rustls::server::TlsStream;

use super::{bare_problem, progress::Progress};
use crate::{server::context::Worker, telemetry::ConnectionEnd};

/// The most that is read and thrown away of a request that was answered before its end.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The bytes between client and server.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Calls a method of the stream inside.
macro_rules! delegate {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match $stream {
            Stream::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Tls(stream) => Pin::new(&mut **stream).$method($($argument),*),
        }
    };
}

impl Stream {
    /// The protocol that TLS has negotiated.
    pub(super) fn protocol(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_read(cx, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        delegate!(self.get_mut(), poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), poll_shutdown(cx))
    }
}

struct Socket {
    stream: Stream,
    progress: Rc<Progress>,
    stall_max: Duration,
    /// Runs while the client accepts nothing.
    stall: Option<Pin<Box<Sleep>>>,
    is_read_closed: bool,
    /// For HTTP/1: renders problems instead of bare errors.
    bare_problems: Option<Rc<Worker>>,
    /// A problem that is written instead of a bare error, and how much of it was written.
    replacement: Option<(Vec<u8>, usize)>,
}

/// The socket, for the protocol and for what follows it. Both are never used at the same time.
#[derive(Clone)]
pub(super) struct SharedSocket(Rc<RefCell<Socket>>);

impl SharedSocket {
    pub(super) fn new(
        stream: Stream,
        progress: Rc<Progress>,
        stall_max: Duration,
        bare_problems: Option<Rc<Worker>>,
    ) -> Self {
        Self(Rc::new(RefCell::new(Socket {
            stream,
            progress,
            stall_max,
            stall: None,
            is_read_closed: false,
            bare_problems,
            replacement: None,
        })))
    }

    /// Sends the last words and closes. What the client still sends of a request that was answered is read and thrown
    /// away for a while: an operating system that gets data for a closed socket resets the connection, and the client
    /// may lose the response (RFC 9112, section 9.6).
    pub(super) async fn close(mut self, last_words: Option<Vec<u8>>, linger: Duration) {
        let lingers = last_words.is_some() || self.0.borrow().lingers();
        if let Some(words) = last_words
            && self.write_all(&words).await.is_err()
        {
            return;
        }
        // No one else has it: the protocol has ended.
        let Ok(socket) = Rc::try_unwrap(self.0) else { return };
        let Socket { mut stream, stall_max, .. } = socket.into_inner();
        let is_shut = timeout(stall_max, stream.shutdown()).await;
        if !lingers || !matches!(is_shut, Ok(Ok(()))) {
            return;
        }
        let discard = async {
            let (mut buffer, mut discarded) = (vec![0; 8 * 1024], 0);
            while let Ok(read @ 1..) = stream.read(&mut buffer).await
                && discarded < DISCARDED_BYTES_MAX
            {
                discarded += read;
            }
        };
        let _ = timeout(linger, discard).await;
    }
}

impl Socket {
    fn lingers(&self) -> bool {
        !self.is_read_closed && self.progress.has_unread_request()
    }

    /// Ends a connection whose client has accepted nothing for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall_max = self.stall_max;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(stall_max)));
        ready!(stall.as_mut().poll(cx));
        self.stall = None;
        self.progress.note_end(ConnectionEnd::Stalled);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_write_stream(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(_)) = &written {
            self.progress.note_written();
        }
        self.watch(cx, written)
    }

    /// Where a bare error of the parser begins in what is to be written.
    fn bare_error(&self, bytes: &[u8]) -> Option<(usize, bare_problem::BareError)> {
        if self.bare_problems.is_none() || self.progress.has_exchange() {
            return None;
        }
        bare_problem::find(bytes)
    }
}

impl AsyncRead for SharedSocket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = &mut *self.0.borrow_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut socket.stream).poll_read(cx, buffer);
        if let Poll::Ready(result) = &read {
            if result.is_ok() && buffer.filled().len() > before {
                socket.progress.note_read();
            } else {
                socket.is_read_closed = true;
            }
        }
        read
    }
}

impl AsyncWrite for SharedSocket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket = &mut *self.0.borrow_mut();
        if socket.replacement.is_none() {
            match socket.bare_error(bytes) {
                None => return socket.poll_write_stream(cx, bytes),
                Some((start @ 1.., _)) => return socket.poll_write_stream(cx, &bytes[..start]),
                Some((_, error)) => {
                    let problem = socket.bare_problems.as_deref().map(|worker| error.problem(worker));
                    socket.replacement = problem.map(|problem| (problem, 0));
                    socket.progress.note_unread_request();
                }
            }
        }
        while let Some((problem, written)) = socket.replacement.take() {
            if written == problem.len() {
                break;
            }
            let more = socket.poll_write_stream(cx, &problem[written..]);
            socket.replacement = Some((problem, written));
            let more = ready!(more)?;
            socket.replacement = socket.replacement.take().map(|(problem, _)| (problem, written + more));
        }
        // The bare error counts as written.
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = &mut *self.0.borrow_mut();
        let flushed = Pin::new(&mut socket.stream).poll_flush(cx);
        socket.watch(cx, flushed)
    }

    /// Only flushes: [`SharedSocket::close`] closes.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
        self.poll_write(cx, first)
    }

    fn is_write_vectored(&self) -> bool {
        false
    }
}
