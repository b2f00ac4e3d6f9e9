//! Request bodies as they arrive: how much of them the server holds, and for how long it waits.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_http::{BoxedPayloadStream, Payload, error::PayloadError};
use bytes::Bytes;
use futures::{FutureExt, Stream, future::LocalBoxFuture};
use http_body::Body;
use hyper::body::Incoming;
use tokio::time::{sleep, timeout};

use super::progress::{Exchange, Phase};
use crate::{
    request::BodyFailure,
    server::{body_budget::Share, context::Worker},
};

/// A body that is arriving. The application reads it as a stream; what it leaves can be read afterwards.
#[derive(Clone)]
pub(super) struct RequestBody(Rc<Inner>);

struct Inner {
    incoming: RefCell<Option<Incoming>>,
    /// Whether the client sends the body only when it is asked to (RFC 9110, section 10.1.1).
    waits_for_continue: bool,
    share: Share,
    progress_max: Duration,
}

/// A body whose rest is at most this long is read after the response, so that the connection can be used again.
const REST_BYTES_MAX: u64 = 64 * 1024;

/// How long the rest of a body may take.
const REST_TIME_MAX: Duration = Duration::from_millis(100);

impl RequestBody {
    /// Takes over a body. `None` if it is empty.
    pub(super) fn of(incoming: Incoming, waits_for_continue: bool, worker: &Worker) -> Option<Self> {
        if incoming.is_end_stream() {
            return None;
        }
        let share = worker.shared.bodies.share();
        let progress_max = worker.shared.timeouts.body_progress;
        let incoming = RefCell::new(Some(incoming));
        Some(Self(Rc::new(Inner { incoming, waits_for_continue, share, progress_max })))
    }

    /// Returns the body as the application reads it.
    pub(super) fn payload(&self, exchange: Rc<Exchange>, worker: Rc<Worker>) -> Payload {
        let stream: BoxedPayloadStream =
            Box::pin(BodyStream { body: self.clone(), exchange, worker, patience: None, was_polled: false });
        Payload::Stream { payload: stream }
    }

    fn poll_data(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        let incoming = &mut *self.0.incoming.borrow_mut();
        while let Some(body) = incoming {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    // Trailers are of no use.
                    if let Ok(data) = frame.into_data() {
                        if body.is_end_stream() {
                            *incoming = None;
                        }
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    *incoming = None;
                    return Poll::Ready(Some(Err(PayloadError::Incomplete(Some(io::Error::other(error))))));
                }
                None => *incoming = None,
            }
        }
        Poll::Ready(None)
    }

    /// Reads the rest of a body after the response was made, if it is short and soon there. Returns whether the end was
    /// reached.
    pub(super) async fn read_rest(&self) -> bool {
        let rest = match &*self.0.incoming.borrow() {
            None => return true,
            Some(body) => body.size_hint().upper(),
        };
        if self.0.waits_for_continue || rest.is_none_or(|bytes| bytes > REST_BYTES_MAX) {
            return false;
        }
        let read = async { while let Some(Ok(_)) = std::future::poll_fn(|cx| self.poll_data(cx)).await {} };
        timeout(REST_TIME_MAX, read).await.is_ok() && self.0.incoming.borrow().is_none()
    }
}

struct BodyStream {
    body: RequestBody,
    exchange: Rc<Exchange>,
    worker: Rc<Worker>,
    /// Ends when the server waits no longer. Most bodies arrive with their head and need none.
    patience: Option<LocalBoxFuture<'static, ()>>,
    was_polled: bool,
}

impl Stream for BodyStream {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let failed = |failure: BodyFailure| Poll::Ready(Some(Err(PayloadError::Io(io::Error::other(failure)))));
        if let Poll::Ready(next) = this.body.poll_data(cx) {
            this.patience = None;
            this.exchange.set_phase(Phase::Working);
            if let Some(Ok(bytes)) = &next
                && let Err(failure) = this.body.0.share.take(bytes.len())
            {
                return failed(failure);
            }
            return Poll::Ready(next);
        }
        if !std::mem::replace(&mut this.was_polled, true) {
            // hyper reads a body only when it was asked for. One that arrived with its head is there at the next poll.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.exchange.set_phase(Phase::Receiving);
        let patience = this.patience.get_or_insert_with(|| {
            let (progress_max, worker) = (this.body.0.progress_max, this.worker.clone());
            Box::pin(async move {
                tokio::select! {
                    () = sleep(progress_max) => {}
                    () = worker.arrivals_over.cancelled() => {}
                }
            })
        });
        ready!(patience.poll_unpin(cx));
        this.patience = None;
        this.exchange.set_phase(Phase::Working);
        failed(BodyFailure::NoProgress)
    }
}
