//! Which route a request took.

use std::{cell::Cell, rc::Rc};

use actix_web::{HttpMessage, dev::ServiceRequest, guard::GuardContext};

/// The pattern of the route that a request took, such as `/api/v1/incidents/{id}`, as soon as it is known.
///
/// The middleware inside may swallow the request when it refuses it, so whoever is outside keeps its own end of this.
#[derive(Clone)]
pub(crate) struct MatchedRoute(Rc<Cell<Option<&'static str>>>);

impl MatchedRoute {
    /// Goes with the request to where its route is found.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let route = Self(Rc::new(Cell::new(None)));
        request.extensions_mut().insert(route.clone());
        route
    }

    /// Notes the pattern that the request in question fits.
    pub(crate) fn note(context: &GuardContext<'_>, pattern: &'static str) {
        if let Some(route) = context.req_data().get::<Self>() {
            route.0.set(Some(pattern));
        }
    }

    /// None where no route fits.
    pub(crate) fn found(&self) -> Option<&'static str> {
        self.0.get()
    }
}
