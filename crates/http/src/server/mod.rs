//! The running server: it accepts connections, and threads of its own serve them.
//!
//! hyper reads and writes HTTP; an actix-web application answers. `docs/decisions/0028` says why.

mod body_budget;
mod connection;
mod context;
mod limits;
mod open_connections;
mod tls;
mod worker;

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{App, middleware::from_fn, web::Data};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{mpsc, oneshot},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use limits::{ConnectionLimits, ConnectionTimeouts};
pub use tls::{TlsIdentity, TlsIdentityError};

use crate::{
    app_state::AppState,
    middleware::{
        CorsOrigins, LoadShedding, RequestTimeout, Transport, boundary, compress, cors, shed_load,
        timeout_and_catch_panic,
    },
    operation::Access,
    request::ConcurrencyLimit,
    routes,
};
use body_budget::BodyBudget;
use context::Shared;
use limits::raise_descriptor_limit;
use open_connections::OpenConnections;
use tls::TlsConfig;
use worker::{Accepted, Dispatch, start_worker};

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
    /// How many connections there may be, and what they may take.
    pub connection_limits: ConnectionLimits,
    /// How long connections may make no progress.
    pub connection_timeouts: ConnectionTimeouts,
    /// The origins whose pages may call.
    pub cors_origins: CorsOrigins,
    /// Whether `/api/docs` shows the documentation of the API.
    pub docs_page: bool,
    /// The certificate and key; without them, connections are not encrypted.
    pub tls: Option<TlsIdentity>,
}

/// How many connections may wait to be accepted: enough for a burst of clients.
const BACKLOG_CONNECTIONS_MAX: u32 = 2048;

/// How long the server waits after it could not accept a connection, for example because no descriptor was left.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// A server whose port is bound. It serves while [`Server::run`] is awaited.
pub struct Server {
    listener: StdListener,
    workers: usize,
    shared: Arc<Shared>,
    app: Arc<dyn Fn() -> Dispatch + Send + Sync>,
}

/// Stops a server and replaces its certificate while it runs.
#[derive(Clone)]
pub struct ServerHandle {
    stop: CancellationToken,
    tls: Option<TlsConfig>,
}

/// Binds the address and returns the server with the address that it bound; port 0 binds a free port. Raises the limit of
/// open files of the process, and bounds connections below it. The server does not handle signals.
pub fn bind(address: SocketAddr, state: AppState, settings: Settings) -> io::Result<(Server, SocketAddr)> {
    LazyLock::force(&routes::ROUTES);
    let state = Data::new(state);
    let docs_page = settings.docs_page;
    let (cors_origins, timeout) = (settings.cors_origins, Data::new(RequestTimeout(settings.request_timeout)));
    let shedding = Data::new(LoadShedding {
        limit: ConcurrencyLimit::new(settings.requests_in_flight_max),
        probe_paths: routes::paths_of(Access::Probe),
    });
    let transport = if settings.tls.is_some() { Transport::Tls } else { Transport::Plain };
    let app_state = state.clone();
    let app = move || {
        // The last one is the outermost: the boundary completes every response.
        let app = App::new()
            .app_data(app_state.clone())
            .app_data(timeout.clone())
            .app_data(shedding.clone())
            .app_data(transport)
            .wrap(from_fn(compress))
            .wrap(from_fn(timeout_and_catch_panic))
            .wrap(from_fn(shed_load))
            .wrap(cors(&cors_origins))
            .wrap(from_fn(boundary))
            .configure(|config| routes::configure(config, docs_page));
        Dispatch::of(app)
    };
    let limits = settings.connection_limits.below(raise_descriptor_limit());
    let shared = Shared {
        connections: OpenConnections::new(limits, settings.connection_timeouts.untouched, state.clone()),
        bodies: BodyBudget::new(limits.body_bytes_max),
        timeouts: settings.connection_timeouts,
        stop_timeout: settings.stop_timeout,
        stop: CancellationToken::new(),
        end: CancellationToken::new(),
        tls: settings.tls.map(TlsConfig::new),
        transport,
        state,
    };
    let listener = listen(address)?;
    let bound = listener.local_addr()?;
    let server = Server { listener, workers: settings.workers.max(1), shared: Arc::new(shared), app: Arc::new(app) };
    Ok((server, bound))
}

fn listen(address: SocketAddr) -> io::Result<StdListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that is started again must not wait until the connections of the previous one are forgotten.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG_CONNECTIONS_MAX)?.into_std()
}

/// The event loops of a server that has stopped. The store's connections to the database may belong to them, whoever uses
/// these connections, so they must go on until the store is closed. Dropping this ends them.
pub struct EventLoops {
    _end: DropGuard,
}

impl Server {
    /// Returns what stops the server.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle { stop: self.shared.stop.clone(), tls: self.shared.tls.clone() }
    }

    /// Serves until the handle stops the server: then it refuses new connections and finishes requests in progress, for as
    /// long as the settings allow. Ends all connections at once if the future is dropped. Fails if a thread cannot be
    /// started or ends early.
    pub async fn run(self) -> io::Result<EventLoops> {
        let Self { listener, workers, shared, app } = self;
        let event_loops = EventLoops { _end: shared.end.clone().drop_guard() };
        let listener = TcpListener::from_std(listener)?;
        let (mut inboxes, mut ended) = (Vec::with_capacity(workers), Vec::with_capacity(workers));
        for number in 0..workers {
            let (inbox, accepted) = mpsc::unbounded_channel();
            let (done, is_done) = oneshot::channel();
            start_worker(number, shared.clone(), app.clone(), accepted, done)?;
            inboxes.push(inbox);
            ended.push(is_done);
        }
        tokio::select! {
            () = accept(&listener, &inboxes, &shared) => {}
            () = shared.stop.cancelled() => {}
        }
        // From here, the operating system refuses connections.
        drop((listener, inboxes));
        for worker in ended {
            worker.await.map_err(|_| io::Error::other("a thread that serves connections ended early"))?;
        }
        Ok(event_loops)
    }
}

/// Accepts connections and gives them to the workers in turn. Returns when a worker has ended.
async fn accept(listener: &TcpListener, inboxes: &[mpsc::UnboundedSender<Accepted>], shared: &Shared) {
    let mut turns = inboxes.iter().cycle();
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_about_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(error = %error, "cannot accept connections at the moment");
                shared.connections.make_room();
                sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        let Some(admission) = shared.connections.admit(peer.ip()) else { continue };
        // The socket moves to the event loop of the worker's thread.
        let Ok(stream) = TcpStream::into_std(stream) else { continue };
        let sent = turns.next().map(|inbox| inbox.send(Accepted { stream, peer, admission }));
        if !matches!(sent, Some(Ok(()))) {
            return;
        }
    }
}

/// Whether accepting failed because the client has gone already.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

impl ServerHandle {
    /// Stops the server. Its future ends when the requests in progress are finished.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Uses another certificate and key for connections from now on. Returns whether the server uses TLS at all.
    pub fn replace_tls_identity(&self, identity: TlsIdentity) -> bool {
        self.tls.as_ref().is_some_and(|tls| {
            tls.replace(identity);
            true
        })
    }
}
