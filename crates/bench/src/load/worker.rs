//! One connection's share of a load.

use std::{
    collections::BTreeMap,
    io::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use anyhow::Context;

use super::Latencies;
use crate::{client::Connection, units};

/// The idempotency key to write into a request; its digits are replaced each time the request is sent.
pub(crate) const FRESH_KEY: &str = "load-00000000000000000000";

/// How many bytes of the key are digits.
const KEY_DIGITS: usize = 20;

/// A connection to be opened, and the requests that it sends repeatedly.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(super) address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    /// Any other status ends the run, because the figures would be of something else.
    expected: &'static [u16],
    /// Where the digits of [`FRESH_KEY`] are in the requests, if they have one.
    key_at: Option<usize>,
}

/// The responses of a load.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Of every request that was sent within the window.
    pub(crate) latencies: Latencies,
    /// How many requests were answered within the window, by status.
    answered: BTreeMap<u16, u64>,
}

impl Worker {
    /// Returns several workers for a server; each begins with another of the requests.
    pub(crate) fn many(
        address: SocketAddr,
        count: usize,
        requests: Vec<Vec<u8>>,
        expected: &'static [u16],
    ) -> Vec<Self> {
        let requests: Arc<[Vec<u8>]> = requests.into();
        // As far apart as possible, so that workers do not follow one another through the same requests.
        let step = (requests.len() / count.max(1)).max(1);
        let worker = |first| Self { address, requests: Arc::clone(&requests), first, expected, key_at: None };
        (0..count).map(|nth| worker(nth * step)).collect()
    }

    /// Returns the same for requests that all have [`FRESH_KEY`] at the same position.
    pub(crate) fn many_with_fresh_keys(
        address: SocketAddr,
        count: usize,
        requests: Vec<Vec<u8>>,
        expected: &'static [u16],
    ) -> anyhow::Result<Vec<Self>> {
        let key = FRESH_KEY.as_bytes();
        let position_in = |request: &Vec<u8>| request.windows(key.len()).position(|window| window == key);
        let position = requests.first().and_then(position_in).context("a request without a key")?;
        let is_same = requests.iter().all(|request| position_in(request) == Some(position));
        anyhow::ensure!(is_same, "keys at different positions");
        let key_at = Some(position + FRESH_KEY.len() - KEY_DIGITS);
        Ok(Self::many(address, count, requests, expected).into_iter().map(|worker| Self { key_at, ..worker }).collect())
    }

    /// Sends requests until the window closes, and waits for the last response.
    pub(super) async fn run(self, mut connection: Connection, until: Instant) -> anyhow::Result<Load> {
        let mut load = Load::default();
        let mut with_key = Vec::new();
        for request in self.requests.iter().cycle().skip(self.first % self.requests.len()) {
            let request = match self.key_at {
                None => request,
                Some(position) => {
                    with_key.clone_from(request);
                    write_fresh_number(&mut with_key[position..position + KEY_DIGITS])?;
                    &with_key
                }
            };
            let sent = Instant::now();
            if sent >= until {
                break;
            }
            let response = connection.exchange(request).await?;
            let received = Instant::now();
            let status = response.status();
            anyhow::ensure!(self.expected.contains(&status), "the response is {status}: {}", response.text());
            load.latencies.record(received - sent);
            if received <= until {
                *load.answered.entry(status).or_default() += 1;
            }
        }
        Ok(load)
    }
}

impl Load {
    /// Returns how many requests were answered within the window with this status.
    pub(crate) fn count(&self, status: u16) -> u64 {
        self.answered.get(&status).copied().unwrap_or_default()
    }

    /// Returns how many requests were answered within the window.
    pub(crate) fn total(&self) -> u64 {
        self.answered.values().sum()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies);
        units::add_counts(&mut self.answered, &other.answered);
    }
}

/// Writes a number that this process has not written before.
fn write_fresh_number(mut digits: &mut [u8]) -> anyhow::Result<()> {
    static WRITTEN: AtomicU64 = AtomicU64::new(1);
    write!(digits, "{:0KEY_DIGITS$}", WRITTEN.fetch_add(1, Ordering::Relaxed)).context("no room for a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_its_own_key() {
        let mut request = format!("x: \"{FRESH_KEY}\"").into_bytes();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..100 {
            write_fresh_number(&mut request[9..9 + KEY_DIGITS]).unwrap();
            assert!(request.starts_with(b"x: \"load-") && request.ends_with(b"\""), "{}", request.escape_ascii());
            seen.insert(request.clone());
        }
        assert_eq!(seen.len(), 100);
    }

    #[test]
    fn all_requests_have_their_key_at_the_same_position() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let with = |before: &str| format!("{before}{FRESH_KEY}").into_bytes();
        let workers = |requests| Worker::many_with_fresh_keys(address, 2, requests, &[201]);
        assert_eq!(workers(vec![with("a"), with("b")]).unwrap()[1].key_at, Some(6));
        assert!(workers(vec![with("a"), with("bb")]).is_err());
        assert!(workers(vec![with("a"), b"without".to_vec()]).is_err());
    }
}
