//! What connections share: all of a server, and those of one thread.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_http::Request;
use actix_web::{Error, body::BoxBody, dev::ServiceResponse, web::Data};
use futures::future::LocalBoxFuture;
use tokio_util::sync::CancellationToken;

use super::{body_budget::BodyBudget, limits::ConnectionTimeouts, open_connections::OpenConnections, tls::TlsConfig};
use crate::{app_state::AppState, middleware::Transport};

/// What all threads of a server share.
pub(super) struct Shared {
    pub(super) connections: OpenConnections,
    pub(super) bodies: BodyBudget,
    pub(super) timeouts: ConnectionTimeouts,
    pub(super) stop_timeout: Duration,
    /// Cancelled when the server is asked to stop.
    pub(super) stop: CancellationToken,
    /// Cancelled when all connections, and the event loops, must end at once.
    pub(super) end: CancellationToken,
    pub(super) tls: Option<TlsConfig>,
    pub(super) transport: Transport,
    pub(super) state: Data<AppState>,
}

/// A response on its way.
pub(super) type Served = LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>;

/// The actix-web application of a thread.
pub(super) type Application = Rc<dyn Fn(Request) -> Served>;

/// What the connections of one worker share.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) application: Application,
    /// Cancelled when a stopping server no longer waits for requests that have not arrived completely.
    pub(super) arrivals_over: CancellationToken,
}
