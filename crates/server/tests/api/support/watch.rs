//! Captures the log and finds secrets in it.
//!
//! A server may log a secret before its client has the response with it, so lines are kept while a test listens, and
//! searched at its end for all secrets that are known by then.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock},
};

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// No password and no token is shorter. Tests also send shorter texts, such as `wrong`, which are no secrets.
const SECRET_BYTES_MIN: usize = 12;

/// Secrets are looked up by their last bytes, because all access tokens of one key begin alike.
const TAIL_BYTES: usize = 8;

/// The log of the servers and their libraries, without that of the tests' HTTP client in the same process.
const LOG_FILTER: &str = "trace,hyper=off,hyper_util=off,reqwest=off";

/// The watch of the global log.
static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    let watch = Watch::default();
    let set = tracing::subscriber::set_global_default(watch.subscriber());
    set.expect("the only subscriber of the tests");
    watch
});

pub(crate) fn watch() -> &'static Watch {
    &WATCH
}

/// Secrets, and the lines that must not contain them.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    secrets: RwLock<Secrets>,
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Secrets {
    by_tail: HashMap<[u8; TAIL_BYTES], Vec<String>>,
    /// Whether a secret ends with these two bytes, which excludes most positions of most lines.
    endings: Vec<bool>,
}

#[derive(Default)]
struct Lines {
    kept: VecDeque<String>,
    /// How many lines were dropped before the first that is kept.
    dropped: usize,
    /// The first line of each listener.
    listeners: BTreeMap<usize, usize>,
    next_listener: usize,
}

impl Watch {
    /// Returns the subscriber that writes to this log.
    pub(crate) fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(LOG_FILTER))
            .with_ansi(false)
            .with_writer(WatchWriter(self.clone()))
            .finish()
    }

    /// Registers a text that no line and no response may contain from now on.
    pub(crate) fn register_secret(&self, text: &str) {
        let escaped = serde_json::to_string(text).expect("a text is JSON");
        for text in [text, &escaped[1..escaped.len() - 1]] {
            if text.len() >= SECRET_BYTES_MIN {
                self.0.secrets.write().unwrap_or_else(PoisonError::into_inner).add(text);
            }
        }
    }

    /// Returns the secret in a text, if there is one.
    pub(crate) fn secret_in(&self, text: &str) -> Option<String> {
        self.0.secrets.read().unwrap_or_else(PoisonError::into_inner).find_in(text)
    }

    /// Keeps all lines from now on, until the listener is dropped.
    pub(crate) fn listen(&self) -> Listener {
        let mut lines = self.lines();
        let id = lines.next_listener;
        lines.next_listener += 1;
        let since = lines.dropped + lines.kept.len();
        lines.listeners.insert(id, since);
        Listener { watch: self.clone(), id }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_line(&self, line: &[u8]) {
        let mut lines = self.lines();
        if !lines.listeners.is_empty() {
            lines.kept.push_back(String::from_utf8_lossy(line).into_owned());
        }
    }
}

impl Secrets {
    fn add(&mut self, secret: &str) {
        self.endings.resize(1 << 16, false);
        let bytes = secret.as_bytes();
        let tail = bytes[bytes.len() - TAIL_BYTES..].try_into().expect("as many bytes");
        let same_tail = self.by_tail.entry(tail).or_default();
        if !same_tail.iter().any(|known| known == secret) {
            same_tail.push(secret.to_owned());
        }
        self.endings[ending(bytes[bytes.len() - 2], bytes[bytes.len() - 1])] = true;
    }

    fn find_in(&self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        if self.endings.is_empty() {
            return None;
        }
        let ends = (TAIL_BYTES..=bytes.len()).filter(|end| self.endings[ending(bytes[end - 2], bytes[end - 1])]);
        ends.filter_map(|end| Some((end, self.by_tail.get(&bytes[end - TAIL_BYTES..end])?)))
            .find_map(|(end, secrets)| secrets.iter().find(|secret| bytes[..end].ends_with(secret.as_bytes())))
            .cloned()
    }
}

fn ending(last_but_one: u8, last: u8) -> usize {
    usize::from(last_but_one) << 8 | usize::from(last)
}

/// A listener of the log.
pub(crate) struct Listener {
    watch: Watch,
    id: usize,
}

impl Listener {
    /// Returns the lines since it began to listen that contain a secret.
    pub(crate) fn leaks(&self) -> Vec<String> {
        self.filtered(|line| self.watch.secret_in(line).is_some())
    }

    /// Returns the lines since it began to listen that contain a text.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        self.filtered(|line| line.contains(text))
    }

    fn filtered(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        // Searched without the lock, so that logging does not wait for it.
        let lines: Vec<String> = {
            let lines = self.watch.lines();
            lines.kept.iter().skip(lines.listeners[&self.id] - lines.dropped).cloned().collect()
        };
        lines.into_iter().filter(|line| is_wanted(line)).collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut lines = self.watch.lines();
        lines.listeners.remove(&self.id);
        let needed_from = lines.listeners.values().copied().min().unwrap_or(usize::MAX);
        let unneeded = needed_from.saturating_sub(lines.dropped).min(lines.kept.len());
        lines.kept.drain(..unneeded);
        lines.dropped += unneeded;
    }
}

/// Writes lines to a watch.
struct WatchWriter(Watch);

impl<'a> MakeWriter<'a> for WatchWriter {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { watch: &self.0, text: Vec::new() }
    }
}

/// One line, written in any number of parts.
struct Line<'a> {
    watch: &'a Watch,
    text: Vec<u8>,
}

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.watch.write_line(&self.text);
    }
}
