//! A connection's share of a load.

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
use crate::client::Connection;

/// What stands in a request for a key that no other request has; each time it is sent, with another.
pub(crate) const FRESH_KEY: &str = "load-00000000000000000000";

/// How many of its bytes are the number.
const KEY_DIGITS: usize = 20;

/// A connection to be opened, and what it sends, in turn.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(super) address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    /// Any other answer ends the run: whatever was measured, it was not what was meant.
    expected: &'static [u16],
    /// Where the requests have the number of their key, if they have one.
    key_at: Option<usize>,
}

/// What a window of load was like.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Of every request that was sent within the window.
    pub(crate) latencies: Latencies,
    /// How many requests were answered within the window, by status.
    pub(crate) answered: BTreeMap<u16, u64>,
}

impl Lane {
    /// So many lanes to a server; each begins with another of the requests.
    pub(crate) fn many(
        address: SocketAddr,
        count: usize,
        requests: Vec<Vec<u8>>,
        expected: &'static [u16],
    ) -> Vec<Self> {
        let requests: Arc<[Vec<u8>]> = requests.into();
        // Far apart, where there are many, so that the lanes do not follow one another over the same.
        let step = (requests.len() / count.max(1)).max(1);
        let lane = |first| Self { address, requests: Arc::clone(&requests), first, expected, key_at: None };
        (0..count).map(|nth| lane(nth * step)).collect()
    }

    /// The same for requests that all have [`FRESH_KEY`] in the same place.
    pub(crate) fn many_with_fresh_keys(
        address: SocketAddr,
        count: usize,
        requests: Vec<Vec<u8>>,
        expected: &'static [u16],
    ) -> anyhow::Result<Vec<Self>> {
        let key = FRESH_KEY.as_bytes();
        let place_in = |request: &Vec<u8>| request.windows(key.len()).position(|window| window == key);
        let place = requests.first().and_then(place_in).context("a request without a key")?;
        anyhow::ensure!(requests.iter().all(|request| place_in(request) == Some(place)), "keys in several places");
        let key_at = Some(place + FRESH_KEY.len() - KEY_DIGITS);
        Ok(Self::many(address, count, requests, expected).into_iter().map(|lane| Self { key_at, ..lane }).collect())
    }

    pub(super) async fn drive(self, mut connection: Connection, until: Instant) -> anyhow::Result<Load> {
        let mut load = Load::default();
        let mut with_key = Vec::new();
        for request in self.requests.iter().cycle().skip(self.first % self.requests.len()) {
            let request = match self.key_at {
                None => request,
                Some(place) => {
                    with_key.clone_from(request);
                    write_fresh_number(&mut with_key[place..place + KEY_DIGITS])?;
                    &with_key
                }
            };
            let sent = Instant::now();
            if sent >= until {
                break;
            }
            let answer = connection.exchange(request).await?;
            let answered = Instant::now();
            let status = answer.status();
            anyhow::ensure!(self.expected.contains(&status), "the answer is {status}: {}", answer.text());
            load.latencies.record(answered - sent);
            if answered <= until {
                *load.answered.entry(status).or_default() += 1;
            }
        }
        Ok(load)
    }
}

impl Load {
    /// How many requests were answered within the window with this status.
    pub(crate) fn count(&self, status: u16) -> u64 {
        self.answered.get(&status).copied().unwrap_or_default()
    }

    /// How many were answered within the window, whichever way.
    pub(crate) fn total(&self) -> u64 {
        self.answered.values().sum()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.latencies.add(&other.latencies);
        for (status, count) in other.answered {
            *self.answered.entry(status).or_default() += count;
        }
    }
}

/// A number that this process has not written before.
fn write_fresh_number(mut place: &mut [u8]) -> anyhow::Result<()> {
    static WRITTEN: AtomicU64 = AtomicU64::new(1);
    write!(place, "{:0KEY_DIGITS$}", WRITTEN.fetch_add(1, Ordering::Relaxed)).context("no place for a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_the_same_key() {
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
    fn a_key_is_expected_in_the_same_place_everywhere() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let with = |before: &str| format!("{before}{FRESH_KEY}").into_bytes();
        let lanes = |requests| Lane::many_with_fresh_keys(address, 2, requests, &[201]);
        assert_eq!(lanes(vec![with("a"), with("b")]).unwrap()[1].key_at, Some(6));
        assert!(lanes(vec![with("a"), with("bb")]).is_err());
        assert!(lanes(vec![with("a"), b"without".to_vec()]).is_err());
    }
}
