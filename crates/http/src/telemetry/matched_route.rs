//! The route that a request matched.

use std::{cell::Cell, rc::Rc};

use actix_web::{HttpMessage, dev::ServiceRequest, guard::GuardContext};

/// The pattern of the route that a request matched, such as `/api/v1/incidents/{id}`, once it is known.
///
/// The value is shared: the outermost middleware keeps a copy, because inner middleware that refuses a request consumes
/// it.
#[derive(Clone)]
pub(crate) struct MatchedRoute(Rc<Cell<Option<&'static str>>>);

impl MatchedRoute {
    /// Attaches the value to a request, for the router to set.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let route = Self(Rc::new(Cell::new(None)));
        request.extensions_mut().insert(route.clone());
        route
    }

    /// Sets the pattern that the request matches.
    pub(crate) fn note(context: &GuardContext<'_>, pattern: &'static str) {
        if let Some(route) = context.req_data().get::<Self>() {
            route.0.set(Some(pattern));
        }
    }

    /// Returns `None` if no route matched.
    pub(crate) fn found(&self) -> Option<&'static str> {
        self.0.get()
    }
}
