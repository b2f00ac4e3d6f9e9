//! The connection to Redis, and whether Redis is available.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use incident_domain::kernel::{Clock, Timestamp};
use redis::{
    Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use thiserror::Error;
use tokio::time::{error::Elapsed, timeout};

/// The default of the longest time that a request waits for Redis, which includes opening the connection.
pub const REDIS_TIMEOUT: Duration = Duration::from_millis(100);

/// How long Redis is not used after it did not respond.
pub const REDIS_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// A text that is not the URL of a Redis. The error does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be the URL of a Redis: redis://[user:password@]host[:port][/database]")]
pub struct RedisUrlError;

/// Why Redis did not respond, for the log.
#[derive(Debug, Error)]
enum RequestError {
    #[error(transparent)]
    Failed(#[from] RedisError),
    #[error("timed out")]
    TimedOut(#[from] Elapsed),
}

/// What the log says about the effect of an outage.
#[derive(Clone, Copy)]
pub(crate) struct OutageMessages {
    pub(crate) unavailable: &'static str,
    pub(crate) available: &'static str,
}

/// A lazily opened connection shared by all requests. Rate limiting and caching use separate connections so that large
/// values never delay counters.
pub(crate) struct RedisConnection {
    client: Client,
    clock: Arc<dyn Clock>,
    messages: OutageMessages,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Opens the connection with the first request, and reopens one that was closed.
    manager: Option<ConnectionManager>,
    /// Since the last request failed: when the next one may be sent.
    retry_at: Option<Timestamp>,
}

impl RedisConnection {
    /// Creates a connection to the Redis at a URL, without opening it.
    pub(crate) fn try_new(url: &str, clock: Arc<dyn Clock>, messages: OutageMessages) -> Result<Self, RedisUrlError> {
        let client = Client::open(url).map_err(|_may_show_the_url| RedisUrlError)?;
        Ok(Self { client, clock, messages, timeout: REDIS_TIMEOUT, state: Mutex::default() })
    }

    /// Sets the longest time that a request waits for Redis.
    pub(crate) const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns what Redis responds, or `None` while it is unavailable. After a failure, no request is sent until the
    /// pause is over, and then one request tries again.
    ///
    /// A request is sent twice if the connection closes before the response. For a counter this may count one request
    /// twice.
    pub(crate) async fn run<T, F>(&self, request: impl Fn(ConnectionManager) -> F + Send) -> Option<T>
    where
        F: Future<Output = RedisResult<T>> + Send,
    {
        if !self.is_due(self.clock.now()) {
            return None;
        }
        let response = timeout(self.timeout, async {
            let manager = self.manager()?;
            match request(manager.clone()).await {
                // The manager reopens the connection for the next request. An idle connection may be closed at any
                // time, which is no outage.
                Err(error) if error.is_connection_dropped() => request(manager).await,
                response => response,
            }
        });
        match response.await.map_err(RequestError::from).and_then(|response| Ok(response?)) {
            Ok(response) => {
                if self.note_success() {
                    tracing::info!("redis responds again, {}", self.messages.available);
                }
                Some(response)
            }
            Err(error) => {
                if self.note_failure(self.clock.now()) {
                    tracing::warn!(%error, "redis does not respond, {}", self.messages.unavailable);
                }
                None
            }
        }
    }

    /// Returns whether a request may be sent. During an outage, that is one request after each pause.
    fn is_due(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        match state.retry_at {
            None => true,
            // A clock that was set back does not prolong the pause.
            Some(retry_at) if now < retry_at && retry_at - now <= REDIS_PAUSE => false,
            Some(_) => {
                state.retry_at = Some(now + REDIS_PAUSE);
                true
            }
        }
    }

    /// Returns the manager of the connection. It is created in a request because it needs the runtime.
    fn manager(&self) -> RedisResult<ConnectionManager> {
        let mut state = self.state();
        if let Some(manager) = &state.manager {
            return Ok(manager.clone());
        }
        // The request has its own timeout, and the pause decides when to try again.
        let config = ConnectionManagerConfig::new().set_number_of_retries(0).set_response_timeout(None);
        let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        Ok(state.manager.insert(manager).clone())
    }

    /// Returns whether Redis was unavailable before.
    fn note_success(&self) -> bool {
        self.state().retry_at.take().is_some()
    }

    /// Starts a pause, and returns whether Redis was available before. The manager is dropped because it keeps a
    /// connection on which requests time out, and the error of an attempt to connect that Redis refused.
    fn note_failure(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        state.manager = None;
        state.retry_at.replace(now + REDIS_PAUSE).is_none()
    }

    /// Locks the state. No code that can panic runs while it is locked.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use incident_domain::kernel::MockClock;

    use super::*;

    fn connection() -> RedisConnection {
        let messages = OutageMessages { unavailable: "", available: "" };
        RedisConnection::try_new("redis://127.0.0.1:1", Arc::new(MockClock::new()), messages).unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn one_request_is_sent_after_each_pause_of_an_outage() {
        let connection = connection();
        assert!(connection.is_due(at(0)) && connection.is_due(at(0)));
        connection.note_failure(at(0));
        let sent: Vec<i64> = (0..35).map(|step| 100 * step).filter(|ms| connection.is_due(at(*ms))).collect();
        assert_eq!(sent, [1_000, 2_000, 3_000]);
        connection.note_success();
        assert!(connection.is_due(at(3_500)) && connection.is_due(at(3_500)));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_prolong_the_pause() {
        let connection = connection();
        connection.note_failure(at(3_600_000));
        assert!(connection.is_due(at(0)));
        assert!(!connection.is_due(at(999)));
    }

    #[test]
    fn only_changes_are_logged() {
        let connection = connection();
        assert!(!connection.note_success());
        assert!(connection.note_failure(at(0)));
        assert!(!connection.note_failure(at(1)));
        assert!(connection.is_due(at(2_000)));
        assert!(!connection.note_failure(at(2_000)));
        assert!(connection.note_success());
        assert!(!connection.note_success());
    }
}
