//! What connections may take, and for how long.

use std::time::Duration;

/// How many connections a server keeps, and how much of their bodies.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// The number of connections of all clients. It is lowered to what the limit of open files leaves.
    pub connections_max: usize,
    /// The number of connections from one address, or from one /64 network of IPv6. Trusted proxies are exempt.
    pub connections_per_address_max: usize,
    /// The bytes of request bodies that are held while they arrive or are worked on, for all requests together.
    pub body_bytes_max: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { connections_max: 10_000, connections_per_address_max: 1_000, body_bytes_max: 16 * 1024 * 1024 }
    }
}

/// The open files that are kept free for the database, its files, Redis and others.
const DESCRIPTORS_RESERVED: u64 = 256;

impl ConnectionLimits {
    /// Lowers the limits so that connections take at most three quarters of the descriptors and leave some free, and
    /// one address at most half of the connections.
    pub(super) fn below(mut self, descriptors: u64) -> Self {
        let for_connections = descriptors.saturating_sub(DESCRIPTORS_RESERVED).max(descriptors / 4);
        let for_connections = usize::try_from(for_connections.min(descriptors / 4 * 3)).unwrap_or(usize::MAX);
        self.connections_max = self.connections_max.min(for_connections).max(1);
        self.connections_per_address_max =
            self.connections_per_address_max.min(self.connections_max.div_ceil(2)).max(1);
        self
    }
}

/// Raises the soft limit of open files to the hard one, and returns the limit.
pub(super) fn raise_descriptor_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(error = %error, "cannot raise the limit of open files");
        DESCRIPTORS_RESERVED
    })
}

/// How long a connection may make no progress. The defaults are those of every server; tests use shorter ones.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionTimeouts {
    /// How long a TLS handshake may take.
    pub tls_handshake: Duration,
    /// How long a client may take to send a request's head, and how long a connection of HTTP/1 may be idle.
    pub request_head: Duration,
    /// How long a body may make no progress. All of it must arrive within the time limit of the request anyway.
    pub body_progress: Duration,
    /// How long a client may accept nothing of a response.
    pub write_progress: Duration,
    /// How long a connection of HTTP/2 may be without a request.
    pub http2_idle: Duration,
    /// A connection that made progress within this time does not make room for another one.
    pub untouched: Duration,
    /// How long the server waits for a client to close after a response that came before the end of the request.
    pub linger: Duration,
    /// How long a stopping server waits for requests that have not arrived completely.
    pub arrival_at_stop: Duration,
}

impl Default for ConnectionTimeouts {
    fn default() -> Self {
        Self {
            tls_handshake: Duration::from_secs(10),
            request_head: Duration::from_secs(10),
            body_progress: Duration::from_secs(10),
            write_progress: Duration::from_secs(30),
            http2_idle: Duration::from_mins(1),
            untouched: Duration::from_millis(100),
            linger: Duration::from_secs(5),
            arrival_at_stop: Duration::from_secs(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stay_below_the_descriptors() {
        let below = |descriptors| {
            let limits = ConnectionLimits::default().below(descriptors);
            (limits.connections_max, limits.connections_per_address_max)
        };
        assert_eq!(below(1_048_576), (10_000, 1_000));
        assert_eq!(below(1_024), (768, 384));
        assert_eq!(below(256), (64, 32));
        assert_eq!(below(0), (1, 1));
    }
}
