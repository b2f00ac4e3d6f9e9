//! The limit of requests that are handled at the same time.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemCode};

/// Limits how many requests all threads of a server handle at the same time.
///
/// Without a limit, an overloaded server queues requests until every response is late. A request that gets no permit is
/// refused immediately, at almost no cost.
#[derive(Clone, Debug)]
pub(crate) struct ConcurrencyLimit(Arc<Semaphore>);

/// The permit of one request.
///
/// It is released while the request's body has not arrived: nothing is being handled then, and slow clients could
/// otherwise hold all permits.
#[derive(Clone, Debug)]
pub(crate) struct Permit(Rc<Held>);

#[derive(Debug)]
struct Held {
    limit: ConcurrencyLimit,
    permit: RefCell<Option<OwnedSemaphorePermit>>,
}

impl ConcurrencyLimit {
    pub(crate) fn new(requests_max: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests_max.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes a permit for a request, if one is free.
    pub(crate) fn acquire(&self) -> Result<Permit, Problem> {
        let permit = RefCell::new(Some(self.permit()?));
        Ok(Permit(Rc::new(Held { limit: self.clone(), permit })))
    }

    fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let permit = Arc::clone(&self.0).try_acquire_owned();
        permit.map_err(|_| Problem::new(ProblemCode::Overloaded, "too many requests are worked on; try again"))
    }
}

impl Permit {
    /// Returns the permit of a request. Requests that bypass the limit have none.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Releases the permit for other requests.
    pub(crate) fn release(&self) {
        self.0.permit.take();
    }

    /// Takes a permit again after the release.
    pub(super) fn reacquire(&self) -> Result<(), Problem> {
        self.0.permit.replace(Some(self.0.limit.permit()?));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_permits_is_limited() {
        let limit = ConcurrencyLimit::new(2);
        let (one, other) = (limit.acquire().unwrap(), limit.acquire().unwrap());
        assert_eq!(limit.acquire().unwrap_err().code(), ProblemCode::Overloaded);
        one.release();
        one.release();
        let third = limit.acquire().unwrap();
        assert!(one.reacquire().is_err(), "releasing it twice made two permits of it");
        other.release();
        one.reacquire().unwrap();
        third.release();
        one.release();
        assert_eq!(limit.0.available_permits(), 2);
    }
}
