//! Telling a client that is slow to send from a server that is slow to answer.

use std::{cell::Cell, rc::Rc};

use actix_web::{HttpMessage, HttpRequest};

/// Whether the body of a request is being waited for. Whoever limits how long a request may take puts it into the
/// request, and keeps a copy.
#[derive(Clone, Default)]
pub(crate) struct BodyWait(Rc<Cell<bool>>);

impl BodyWait {
    /// The one of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// Waits for the body.
    pub(super) async fn during<T>(self, body: impl Future<Output = T>) -> T {
        self.0.set(true);
        let body = body.await;
        self.0.set(false);
        body
    }

    pub(crate) fn is_underway(&self) -> bool {
        self.0.get()
    }
}
