//! The places of requests that are worked on: so many, and no more.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{HttpMessage, HttpRequest};

use crate::problem::{Problem, ProblemCode};

/// How many requests are worked on, by all threads of a server together.
///
/// Without a limit, whatever comes in faster than it is done would wait inside for as long as it keeps coming, until
/// everybody is answered too late. Whoever finds no place is told so at once, which costs next to nothing.
#[derive(Debug)]
pub(crate) struct Places {
    taken: AtomicUsize,
    max: usize,
}

/// The place of one request.
///
/// A request whose body has not come yet holds none: nothing is worked on, and clients that are slow to send could
/// otherwise keep everybody else out.
#[derive(Clone, Debug)]
pub(crate) struct Place(Rc<Held>);

#[derive(Debug)]
struct Held {
    places: Arc<Places>,
    is_taken: Cell<bool>,
}

impl Places {
    pub(crate) const fn new(max: usize) -> Self {
        Self { taken: AtomicUsize::new(0), max }
    }

    /// Takes a place for a request, if one is free.
    pub(crate) fn take(self: &Arc<Self>) -> Result<Place, Problem> {
        let place = Place(Rc::new(Held { places: Arc::clone(self), is_taken: Cell::new(false) }));
        place.take_again()?;
        Ok(place)
    }
}

impl Place {
    /// The one of a request; requests that are let in whatever happens have none.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Leaves it to somebody else.
    pub(crate) fn leave(&self) {
        if self.0.is_taken.replace(false) {
            self.0.places.taken.fetch_sub(1, Ordering::Release);
        }
    }

    /// Takes one again after it was left.
    pub(super) fn take_again(&self) -> Result<(), Problem> {
        let Held { places, is_taken } = &*self.0;
        let one_more = |taken| (taken < places.max).then_some(taken + 1);
        let taken = places.taken.fetch_update(Ordering::Acquire, Ordering::Relaxed, one_more);
        taken.map_err(|_| Problem::new(ProblemCode::Overloaded, "too many requests are worked on; try again"))?;
        is_taken.set(true);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_places_and_no_more() {
        let places = Arc::new(Places::new(2));
        let (one, other) = (places.take().unwrap(), places.take().unwrap());
        assert_eq!(places.take().unwrap_err().code(), ProblemCode::Overloaded);
        one.leave();
        one.leave();
        let third = places.take().unwrap();
        assert!(one.take_again().is_err(), "it was left twice, and is one place all the same");
        other.leave();
        one.take_again().unwrap();
        third.leave();
        one.leave();
        assert_eq!(places.taken.load(Ordering::Relaxed), 0);
    }
}
