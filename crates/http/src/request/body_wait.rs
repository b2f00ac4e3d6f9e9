//! Telling a client that is slow to send from a server that is slow to answer.

use std::{cell::Cell, pin::pin, rc::Rc, task::Poll};

use actix_web::{HttpMessage, HttpRequest};

use super::Place;
use crate::problem::Problem;

/// Whether the body of a request is being waited for. Whoever limits how long a request may take puts it into the
/// request, and keeps a copy.
#[derive(Clone, Default)]
pub(crate) struct BodyWait(Rc<Cell<bool>>);

impl BodyWait {
    /// The one of a request.
    fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn is_underway(&self) -> bool {
        self.0.get()
    }
}

/// Waits for the body of a request. Unless it has come with the head, the request's place is others' meanwhile, and
/// may be gone when the body is there.
pub(super) fn wait_for_body<T, F: Future<Output = T>>(
    request: &HttpRequest,
    body: F,
) -> impl Future<Output = Result<T, Problem>> + use<T, F> {
    let (BodyWait(is_underway), place) = (BodyWait::of(request), Place::of(request));
    async move {
        let mut body = pin!(body);
        is_underway.set(true);
        if let Poll::Ready(body) = futures::poll!(body.as_mut()) {
            is_underway.set(false);
            return Ok(body);
        }
        if let Some(place) = &place {
            place.leave();
        }
        let body = body.await;
        is_underway.set(false);
        if let Some(place) = &place {
            place.take_again()?;
        }
        Ok(body)
    }
}
