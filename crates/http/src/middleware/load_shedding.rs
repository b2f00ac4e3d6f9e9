//! Load shedding: requests beyond the concurrency limit get 503 immediately.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use crate::{
    app_state::AppState,
    request::{ConcurrencyLimit, Permit},
};

/// The limit, and the paths that bypass it.
pub(crate) struct LoadShedding {
    pub(crate) limit: ConcurrencyLimit,
    /// An orchestrator restarts a server that fails its probes, so they must succeed under load.
    pub(crate) probe_paths: Vec<&'static str>,
}

/// Admits a request if a permit is free and holds the permit until the response starts.
pub(crate) async fn shed_load<B: MessageBody>(
    shedding: Data<LoadShedding>,
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if shedding.probe_paths.contains(&request.path()) {
        return next.call(request).await;
    }
    let permit = shedding.limit.acquire().inspect_err(|_| state.metrics.note_shed())?;
    request.extensions_mut().insert(permit.clone());
    // Also releases the permit of a request that is dropped before its response.
    let _release = ReleaseOnDrop(permit);
    next.call(request).await
}

/// Releases a permit when it is dropped. The permit itself may live longer, in the request of a streamed response.
struct ReleaseOnDrop(Permit);

impl Drop for ReleaseOnDrop {
    fn drop(&mut self) {
        self.0.release();
    }
}
