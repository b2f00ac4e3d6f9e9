//! The running server.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web::Data};
use incident_application::{Auth, Incidents};
use incident_domain::ports::{HealthCheck, IdGenerator};

use crate::{boundary::boundary, routes};

/// What the routes call.
pub struct Services {
    /// Signing in.
    pub auth: Auth,
    /// Working with incidents.
    pub incidents: Incidents,
    /// Whether requests can be served.
    pub readiness: Arc<dyn HealthCheck>,
    /// Whether the database answers.
    pub database: Arc<dyn HealthCheck>,
    /// Makes the ids of requests.
    pub ids: Arc<dyn IdGenerator>,
}

/// How the server runs.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many threads serve requests.
    pub workers: usize,
    /// How long requests may take to finish after the server was told to stop.
    pub stop_timeout: Duration,
    /// How long a client may take to send a request's head.
    pub request_head_timeout: Duration,
}

/// Serves on a listener until the process is told to stop by SIGINT or SIGTERM: then requests under way
/// are finished and new connections refused.
pub fn serve(listener: TcpListener, services: Services, settings: Settings) -> std::io::Result<Server> {
    let services = Data::new(services);
    let app = move || App::new().app_data(services.clone()).wrap(from_fn(boundary)).configure(routes::configure);
    let server = HttpServer::new(app)
        .workers(settings.workers)
        .shutdown_timeout(settings.stop_timeout.as_secs())
        .client_request_timeout(settings.request_head_timeout)
        .listen(listener)?;
    Ok(server.run())
}
