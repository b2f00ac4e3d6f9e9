//! Response bodies as the client takes them.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::progress::{Exchange, Phase};

/// A longer part of a body is handed over piece by piece: hyper copies what it is given, and a client may not read.
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// A body that the server sends.
pub(super) struct ResponseBody {
    /// `None` at the end.
    body: Option<BoxBody>,
    /// What is left of a part that is handed over piece by piece.
    part: Bytes,
    /// The length of the rest, if it is known.
    rest_bytes: Option<u64>,
    exchange: Rc<Exchange>,
}

impl ResponseBody {
    pub(super) fn new(body: BoxBody, exchange: Rc<Exchange>) -> Self {
        let (body, rest_bytes) = match body.size() {
            BodySize::None | BodySize::Sized(0) => (None, Some(0)),
            BodySize::Sized(bytes) => (Some(body), Some(bytes)),
            BodySize::Stream => (Some(body), None),
        };
        exchange.set_phase(Phase::Sending);
        Self { body, part: Bytes::new(), rest_bytes, exchange }
    }

    /// A response without a body, such as one to HEAD.
    pub(super) fn none(exchange: Rc<Exchange>) -> Self {
        exchange.set_phase(Phase::Sending);
        Self { body: None, part: Bytes::new(), rest_bytes: Some(0), exchange }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        // It is asked for more when the client has taken what came before.
        this.exchange.progress().note_delivered();
        let next = if this.part.is_empty() {
            Pin::new(body).poll_next(cx)
        } else {
            Poll::Ready(Some(Ok(std::mem::take(&mut this.part))))
        };
        this.exchange.set_phase(if next.is_pending() { Phase::Working } else { Phase::Sending });
        match ready!(next) {
            Some(Ok(mut bytes)) => {
                this.part = bytes.split_off(bytes.len().min(PIECE_BYTES_MAX));
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                this.rest_bytes = this.rest_bytes.map(|rest| rest.saturating_sub(length));
                if this.rest_bytes == Some(0) {
                    this.body = None;
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Err(error)) => {
                this.body = None;
                tracing::warn!(error = %error, "a response ends before it is complete");
                Poll::Ready(Some(Err(io::Error::other(error.to_string()))))
            }
            None => {
                this.body = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.rest_bytes.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
