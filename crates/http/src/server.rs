//! The running server.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web::Data};

use crate::{
    boundary::boundary,
    edge::{CorsOrigins, RequestTimeout, TlsIdentity, compress, contain, cors, shed},
    request::Places,
    routes,
    services::Services,
};

/// How the server runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many threads serve requests.
    pub workers: usize,
    /// How long requests may take to finish after the server was told to stop.
    pub stop_timeout: Duration,
    /// How long it may take until a request's answer begins.
    pub request_timeout: Duration,
    /// How many requests are worked on at a time; who comes when there are so many is told to come again.
    pub requests_in_flight_max: usize,
    /// The origins whose pages may call.
    pub cors_origins: CorsOrigins,
    /// Whether a page at `/api/docs` shows the API to people.
    pub docs_page: bool,
    /// What to prove by who this is; without it, everything goes out as plain text.
    pub tls: Option<TlsIdentity>,
}

/// How many connections may wait to be accepted: enough for a storm to arrive at once.
const BACKLOG_CONNECTIONS_MAX: u32 = 2048;

/// How long a client may take to send a request's head.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to agree on keys.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Takes the address, and tells the one that was really taken: port 0 takes a free one. The server serves
/// when it is awaited, until its handle is told to stop: then requests under way are finished, for as long as
/// the settings allow, and new connections refused. Signals are the caller's business.
pub fn bind(address: SocketAddr, services: Services, settings: Settings) -> io::Result<(Server, SocketAddr)> {
    let services = Data::new(services);
    let docs_page = settings.docs_page;
    let (cors_origins, timeout) = (settings.cors_origins, Data::new(RequestTimeout(settings.request_timeout)));
    let places = Data::new(Places::new(settings.requests_in_flight_max));
    let app = move || {
        // The last is the outermost: the boundary sees every answer, and writes out every problem.
        App::new()
            .app_data(services.clone())
            .app_data(timeout.clone())
            .app_data(places.clone())
            .wrap(from_fn(compress))
            .wrap(from_fn(contain))
            .wrap(from_fn(shed))
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
        // HTTP/2 to those who ask for it (ALPN, RFC 7301), HTTP/1.1 to others.
        Some(identity) => server.bind_rustls_0_23(address, identity.into_config())?,
        None => server.bind(address)?,
    };
    let taken = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), taken))
}
