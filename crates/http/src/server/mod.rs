//! The running server.

mod tls;

use std::{io, net::SocketAddr, sync::LazyLock, time::Duration};

use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web::Data};

pub use tls::{TlsIdentity, TlsIdentityError};

use crate::{
    app_state::AppState,
    middleware::{
        CorsOrigins, LoadShedding, RequestTimeout, boundary, compress, cors, shed_load, timeout_and_catch_panic,
    },
    operation::Access,
    request::ConcurrencyLimit,
    routes,
};

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The number of threads that handle requests.
    pub workers: usize,
    /// How long a stopping server waits for requests in progress.
    pub stop_timeout: Duration,
    /// The maximum time until the response to a request starts.
    pub request_timeout: Duration,
    /// How many requests are handled at the same time; others get 503 with `Retry-After`.
    pub requests_in_flight_max: usize,
    /// The origins whose pages may call.
    pub cors_origins: CorsOrigins,
    /// Whether `/api/docs` shows the documentation of the API.
    pub docs_page: bool,
    /// The certificate and key; without them, connections are not encrypted.
    pub tls: Option<TlsIdentity>,
}

/// How many connections may wait to be accepted: enough for a burst of clients.
const BACKLOG_CONNECTIONS_MAX: u32 = 2048;

/// How long a client may take to send a request's head.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a TLS handshake may take.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Binds the address and returns the server with the address that it bound; port 0 binds a free port. The server runs
/// while it is awaited, until its handle stops it: then it refuses new connections and finishes requests in progress,
/// for as long as the settings allow. It does not handle signals.
pub fn bind(address: SocketAddr, state: AppState, settings: Settings) -> io::Result<(Server, SocketAddr)> {
    LazyLock::force(&routes::ROUTES);
    let state = Data::new(state);
    let docs_page = settings.docs_page;
    let (cors_origins, timeout) = (settings.cors_origins, Data::new(RequestTimeout(settings.request_timeout)));
    let shedding = Data::new(LoadShedding {
        limit: ConcurrencyLimit::new(settings.requests_in_flight_max),
        probe_paths: routes::paths_of(Access::Probe),
    });
    let app = move || {
        // The last one is the outermost: the boundary completes every response.
        App::new()
            .app_data(state.clone())
            .app_data(timeout.clone())
            .app_data(shedding.clone())
            .wrap(from_fn(compress))
            .wrap(from_fn(timeout_and_catch_panic))
            .wrap(from_fn(shed_load))
            .wrap(cors(&cors_origins))
            .wrap(from_fn(boundary))
            .configure(|config| routes::configure(config, docs_page))
    };
    let server = HttpServer::new(app)
        .workers(settings.workers)
        .shutdown_timeout(settings.stop_timeout.as_secs())
        .client_request_timeout(REQUEST_HEAD_TIMEOUT)
        .disable_signals()
        .tls_handshake_timeout(TLS_HANDSHAKE_TIMEOUT)
        .backlog(BACKLOG_CONNECTIONS_MAX);
    let server = match settings.tls {
        // Clients negotiate HTTP/2 by ALPN (RFC 7301).
        Some(identity) => server.bind_rustls_0_23(address, identity.into_config())?,
        None => server.bind(address)?,
    };
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}
