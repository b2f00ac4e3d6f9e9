//! The open connections of a server: how many there may be, and which one makes room for a new one.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::web::Data;
use tokio_util::sync::CancellationToken;

use super::limits::ConnectionLimits;
use crate::{app_state::AppState, telemetry::ConnectionEnd};

/// All open connections.
///
/// A server that has as many as it may, in total or from one address, closes the one that has made no progress for the
/// longest time: idle ones, slow ones, and those that never read. So clients that hold connections do not shut out others.
/// A connection for which a handler works is never closed.
#[derive(Clone)]
pub(super) struct OpenConnections(Arc<Inner>);

struct Inner {
    limits: ConnectionLimits,
    untouched: Duration,
    state: Data<AppState>,
    started: Instant,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last_id: u64,
    by_id: HashMap<u64, Arc<Watched>>,
    by_client: HashMap<IpAddr, usize>,
}

/// What other threads see of a connection.
struct Watched {
    /// Whom it counts for; `None` for trusted proxies.
    client: Option<IpAddr>,
    /// The handlers and responses that the server works on.
    working: AtomicUsize,
    /// When it last made progress, in milliseconds since the start of the server.
    progressed_ms: AtomicU64,
    replaced: CancellationToken,
}

/// The place of an open connection. It is free again when this is dropped.
pub(super) struct Admission {
    connections: OpenConnections,
    id: u64,
    watched: Arc<Watched>,
}

impl OpenConnections {
    pub(super) fn new(limits: ConnectionLimits, untouched: Duration, state: Data<AppState>) -> Self {
        Self(Arc::new(Inner { limits, untouched, state, started: Instant::now(), open: Mutex::default() }))
    }

    /// Takes a place for a connection. `None` if all are taken by connections that are in use.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Admission> {
        let peer = peer.to_canonical();
        let client = (!self.0.state.trusted_proxies.contains(peer)).then(|| network_of(peer));
        let limits = &self.0.limits;
        let mut open = self.open();
        let of_client = client.and_then(|client| open.by_client.get(&client)).copied().unwrap_or_default();
        let is_admitted = if of_client >= limits.connections_per_address_max {
            self.replace(&mut open, client)
        } else {
            open.by_id.len() < limits.connections_max || self.replace(&mut open, None)
        };
        if !is_admitted {
            drop(open);
            self.0.state.metrics.note_connection_end(ConnectionEnd::Refused);
            return None;
        }
        open.last_id += 1;
        let id = open.last_id;
        let watched = Arc::new(Watched {
            client,
            working: AtomicUsize::new(0),
            progressed_ms: AtomicU64::new(self.now_ms()),
            replaced: CancellationToken::new(),
        });
        open.by_id.insert(id, watched.clone());
        if let Some(client) = client {
            *open.by_client.entry(client).or_default() += 1;
        }
        drop(open);
        self.0.state.metrics.note_connection_open();
        Some(Admission { connections: self.clone(), id, watched })
    }

    /// Closes the connection that has made no progress for the longest time, if there is one.
    pub(super) fn make_room(&self) {
        let mut open = self.open();
        self.replace(&mut open, None);
    }

    /// Closes the connection, of this client or of all, that has made no progress for the longest time.
    fn replace(&self, open: &mut Open, client: Option<IpAddr>) -> bool {
        let untouched = self.0.untouched.as_millis().try_into().unwrap_or(u64::MAX);
        let newest_ms = self.now_ms().saturating_sub(untouched);
        let candidates = open.by_id.iter().filter(|(_, watched)| client.is_none() || watched.client == client);
        let candidates = candidates.filter(|(_, watched)| watched.working.load(Ordering::Relaxed) == 0);
        let progress = candidates.map(|(id, watched)| (watched.progressed_ms.load(Ordering::Relaxed), *id));
        let Some((_, id)) = progress.filter(|(progressed_ms, _)| *progressed_ms <= newest_ms).min() else {
            return false;
        };
        if let Some(watched) = open.remove(id) {
            watched.replaced.cancel();
        }
        self.0.state.metrics.note_connection_end(ConnectionEnd::Replaced);
        true
    }

    fn now_ms(&self) -> u64 {
        self.0.started.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn remove(&mut self, id: u64) -> Option<Arc<Watched>> {
        let watched = self.by_id.remove(&id)?;
        if let Some(client) = watched.client
            && let Some(count) = self.by_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                self.by_client.remove(&client);
            }
        }
        Some(watched)
    }
}

/// One client can have all addresses of a /64 network of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

impl Admission {
    /// Notes that bytes were read or written.
    pub(super) fn note_progress(&self) {
        self.watched.progressed_ms.store(self.connections.now_ms(), Ordering::Relaxed);
    }

    /// Notes how many handlers and responses the server works on.
    pub(super) fn note_working(&self, count: usize) {
        self.watched.working.store(count, Ordering::Relaxed);
    }

    /// Notes why the server ends the connection.
    pub(super) fn note_end(&self, end: ConnectionEnd) {
        self.connections.0.state.metrics.note_connection_end(end);
    }

    /// Waits until the connection has to make room for another one.
    pub(super) async fn replaced(&self) {
        self.watched.replaced.cancelled().await;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections.open().remove(self.id);
        self.connections.0.state.metrics.note_connection_closed();
    }
}
