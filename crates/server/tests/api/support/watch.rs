//! Listens to everything that is written to the log, and finds secrets in it.
//!
//! A server may write a secret down before its client has the answer with it, so lines are kept while a test
//! listens, and searched at its end for all secrets that are known by then.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock},
};

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Shorter texts are told to the tests' servers too (`wrong`), and are no secrets worth finding: no password and
/// no token is shorter.
const SECRET_BYTES_MIN: usize = 12;

/// Secrets are looked up by how they end, since all access tokens of one key begin alike.
const TAIL_BYTES: usize = 8;

/// Everything that is said, by the servers and their libraries. The client that the tests speak through is in
/// the same process and none of the server's business.
const SAID: &str = "trace,hyper=off,hyper_util=off,reqwest=off";

/// The one of this program, which hears the global log.
static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    let watch = Watch::default();
    let heard = tracing::subscriber::set_global_default(watch.subscriber());
    heard.expect("nobody else listens to the log of the tests");
    watch
});

pub(crate) fn watch() -> &'static Watch {
    &WATCH
}

/// Secrets, and the lines that must not have them.
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
    /// Whether a secret ends with these two bytes; most places in most lines are done with here.
    endings: Vec<bool>,
}

#[derive(Default)]
struct Lines {
    kept: VecDeque<String>,
    /// How many were let go before the first that is kept.
    gone: usize,
    /// Who listens, and from which line on.
    listeners: BTreeMap<usize, usize>,
    next_listener: usize,
}

impl Watch {
    /// What writes everything that is said on this log.
    pub(crate) fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(SAID))
            .with_ansi(false)
            .with_writer(Pen(self.clone()))
            .finish()
    }

    /// From now on no line and no answer may have this text in it.
    pub(crate) fn keep_secret(&self, text: &str) {
        let escaped = serde_json::to_string(text).expect("a text is JSON");
        for text in [text, &escaped[1..escaped.len() - 1]] {
            if text.len() >= SECRET_BYTES_MIN {
                self.0.secrets.write().unwrap_or_else(PoisonError::into_inner).add(text);
            }
        }
    }

    /// The secret that a text has in it, if any.
    pub(crate) fn secret_in(&self, text: &str) -> Option<String> {
        self.0.secrets.read().unwrap_or_else(PoisonError::into_inner).find_in(text)
    }

    /// Keeps all lines from now on.
    pub(crate) fn listen(&self) -> Listener {
        let mut lines = self.lines();
        let id = lines.next_listener;
        lines.next_listener += 1;
        let since = lines.gone + lines.kept.len();
        lines.listeners.insert(id, since);
        Listener { watch: self.clone(), id }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, line: &[u8]) {
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

/// Somebody who listens to the log.
pub(crate) struct Listener {
    watch: Watch,
    id: usize,
}

impl Listener {
    /// The lines since it began to listen that have a secret in them.
    pub(crate) fn leaks(&self) -> Vec<String> {
        self.heard(|line| self.watch.secret_in(line).is_some())
    }

    /// The lines since it began to listen that have a text in them.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        self.heard(|line| line.contains(text))
    }

    fn heard(&self, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
        // Searched without the lock, so that nobody who has something to say waits for it.
        let lines: Vec<String> = {
            let lines = self.watch.lines();
            lines.kept.iter().skip(lines.listeners[&self.id] - lines.gone).cloned().collect()
        };
        lines.into_iter().filter(|line| is_meant(line)).collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut lines = self.watch.lines();
        lines.listeners.remove(&self.id);
        let needed_from = lines.listeners.values().copied().min().unwrap_or(usize::MAX);
        let unneeded = needed_from.saturating_sub(lines.gone).min(lines.kept.len());
        lines.kept.drain(..unneeded);
        lines.gone += unneeded;
    }
}

/// Writes lines down.
struct Pen(Watch);

impl<'a> MakeWriter<'a> for Pen {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { watch: &self.0, text: Vec::new() }
    }
}

/// One line, however many pieces it comes in.
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
        self.watch.hear(&self.text);
    }
}
