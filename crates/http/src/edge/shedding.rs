//! What is too much is sent away at the door.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use crate::{
    request::{Place, Places},
    services::Services,
};

/// Lets a request in if there is a place for it, which it has until its answer begins. How the server does is told
/// whatever happens: it is asked most urgently when there is no place left, and whoever starts and stops servers takes
/// one that does not say for dead.
pub(crate) async fn shed<B: MessageBody>(
    places: Data<Places>,
    services: Data<Services>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if is_about_the_server(request.path()) {
        return next.call(request).await;
    }
    let place = places.take().inspect_err(|_| services.metrics.note_shed())?;
    request.extensions_mut().insert(place.clone());
    // Also when the request is given up before it is answered.
    let _leaving = Leaving(place);
    next.call(request).await
}

/// Leaves a place when it goes. The place itself may live longer, in the request that an answer under way holds.
struct Leaving(Place);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn is_about_the_server(path: &str) -> bool {
    path.starts_with("/health/") || path == "/metrics"
}
