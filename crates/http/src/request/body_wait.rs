//! Distinguishes clients that are slow to send a body from handlers that are slow to respond.

use std::{cell::Cell, pin::pin, rc::Rc, task::Poll};

use actix_web::{HttpMessage, HttpRequest};
use tokio::task::yield_now;

use super::concurrency::Permit;
use crate::problem::Problem;

/// Whether a request is waiting for its body. The middleware that limits a request's time puts it into the request and
/// keeps a copy.
#[derive(Clone, Default)]
pub(crate) struct BodyWait(Rc<Cell<bool>>);

impl BodyWait {
    fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.0.get()
    }
}

/// Waits for the body of a request. The request's permit is released meanwhile, unless the body arrived with the head;
/// taking it again fails if no permit is free then.
pub(super) fn wait_for_body<T, F: Future<Output = T>>(
    request: &HttpRequest,
    body: F,
) -> impl Future<Output = Result<T, Problem>> + use<T, F> {
    let (BodyWait(is_waiting), permit) = (BodyWait::of(request), Permit::of(request));
    async move {
        let mut body = pin!(body);
        is_waiting.set(true);
        if let Poll::Ready(body) = futures::poll!(body.as_mut()) {
            is_waiting.set(false);
            return Ok(body);
        }
        // A body that arrived with the head is there after the connection was looked at once more.
        yield_now().await;
        if let Poll::Ready(body) = futures::poll!(body.as_mut()) {
            is_waiting.set(false);
            return Ok(body);
        }
        if let Some(permit) = &permit {
            permit.release();
        }
        let body = body.await;
        is_waiting.set(false);
        if let Some(permit) = &permit {
            permit.reacquire()?;
        }
        Ok(body)
    }
}
