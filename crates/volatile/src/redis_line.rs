//! The connection to Redis, and whether it is worth asking.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use incident_domain::kernel::{Clock, Timestamp};
use redis::{Client, RedisResult, aio::MultiplexedConnection};
use thiserror::Error;
use tokio::{sync, time::timeout};

/// How long a request waits for Redis at most, opening the connection included, where nothing else is said.
pub const REDIS_TIMEOUT: Duration = Duration::from_millis(100);

/// How long Redis is left alone after it did not answer.
pub const REDIS_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// Something else than the URL of a Redis. It does not show the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be the URL of a Redis: redis://[user:password@]host[:port][/database]")]
pub struct RedisUrlError;

/// Why Redis gave no answer, for the log.
#[derive(Debug, Error)]
enum Unanswered {
    #[error(transparent)]
    Failed(#[from] redis::RedisError),
    #[error("it takes too long")]
    TooLate(#[from] tokio::time::error::Elapsed),
}

/// What the log says follows from that.
#[derive(Clone, Copy)]
pub(crate) struct Consequences {
    pub(crate) away: &'static str,
    pub(crate) back: &'static str,
}

/// One connection that all requests share, opened when the first one needs it. Whoever uses Redis for something else
/// has a line of their own: what is long does not stand in the way of what is short.
pub(crate) struct RedisLine {
    client: Client,
    clock: Arc<dyn Clock>,
    consequences: Consequences,
    connection: sync::Mutex<Option<MultiplexedConnection>>,
    state: Mutex<State>,
    pause: TimeDelta,
    patience: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Redis answered the last time, or has never been asked.
    Trusted,
    /// Redis did not answer the last time, and is not asked again before this moment.
    Away { until: Timestamp },
}

/// What a word about Redis says that was not known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// It is as it was.
    None,
    /// It was there and is not, or the other way round.
    Changed,
}

impl RedisLine {
    /// A line to the Redis of this URL. Nothing here shows the URL, in which there may be a password.
    pub(crate) fn try_new(url: &str, clock: Arc<dyn Clock>, consequences: Consequences) -> Result<Self, RedisUrlError> {
        let client = Client::open(url).map_err(|_may_show_the_url| RedisUrlError)?;
        Ok(Self {
            client,
            clock,
            consequences,
            connection: sync::Mutex::new(None),
            state: Mutex::new(State::Trusted),
            pause: REDIS_PAUSE,
            patience: REDIS_TIMEOUT,
        })
    }

    /// Lets a request wait for Redis so long at most.
    pub(crate) const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What Redis answers; nothing while it is away. A Redis that does not answer in time is away; until the pause
    /// after that is over nobody asks it, and then one request does.
    pub(crate) async fn ask<T, F>(&self, question: impl FnOnce(MultiplexedConnection) -> F + Send) -> Option<T>
    where
        F: Future<Output = RedisResult<T>> + Send,
    {
        if !self.is_worth_asking(self.clock.now()) {
            return None;
        }
        let answer = timeout(self.patience, async { question(self.connection().await?).await }).await;
        match answer.map_err(Unanswered::from).and_then(|answer| answer.map_err(Unanswered::from)) {
            Ok(answer) => {
                if self.note_answer() == News::Changed {
                    tracing::info!("redis answers again, {}", self.consequences.back);
                }
                Some(answer)
            }
            Err(error) => {
                if self.note_failure(self.clock.now()) == News::Changed {
                    tracing::warn!(%error, "redis does not answer, {}", self.consequences.away);
                }
                None
            }
        }
    }

    /// Whether this request is to ask Redis. While it is away, that is one request in each pause.
    fn is_worth_asking(&self, now: Timestamp) -> bool {
        let mut state = self.lock_state();
        match *state {
            State::Trusted => true,
            // A clock that was set back does not prolong the pause.
            State::Away { until } if now < until && until - now <= self.pause => false,
            State::Away { .. } => {
                *state = State::Away { until: now + self.pause };
                true
            }
        }
    }

    /// The connection. Who comes while it is being opened waits for it, and all are limited by the caller's
    /// patience.
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &*connection {
            return Ok(open.clone());
        }
        let opened = self.client.get_multiplexed_async_connection().await?;
        Ok(connection.insert(opened).clone())
    }

    fn note_answer(&self) -> News {
        self.change_to(State::Trusted)
    }

    /// Hangs up, and does not ask again before the pause is over.
    fn note_failure(&self, now: Timestamp) -> News {
        // Who holds the lock is opening a new connection, which there is no reason to give up.
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
        self.change_to(State::Away { until: now + self.pause })
    }

    fn change_to(&self, state: State) -> News {
        let former = std::mem::replace(&mut *self.lock_state(), state);
        match (former, state) {
            (State::Trusted, State::Trusted) | (State::Away { .. }, State::Away { .. }) => News::None,
            _ => News::Changed,
        }
    }

    /// It guards a single value, which is whole in any case.
    fn lock_state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manual_clock::{ManualClock, start};

    fn line() -> RedisLine {
        let consequences = Consequences { away: "", back: "" };
        RedisLine::try_new("redis://127.0.0.1:1", Arc::new(ManualClock::default()), consequences).unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        start() + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn while_it_is_away_one_request_in_each_pause_asks() {
        let line = line();
        assert!(line.is_worth_asking(at(0)) && line.is_worth_asking(at(0)));
        line.note_failure(at(0));
        let asked: Vec<i64> = (0..35).map(|step| 100 * step).filter(|ms| line.is_worth_asking(at(*ms))).collect();
        assert_eq!(asked, [1_000, 2_000, 3_000]);
        line.note_answer();
        assert!(line.is_worth_asking(at(3_500)) && line.is_worth_asking(at(3_500)));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_prolong_the_pause() {
        let line = line();
        line.note_failure(at(3_600_000));
        assert!(line.is_worth_asking(at(0)));
        assert!(!line.is_worth_asking(at(999)));
    }

    #[test]
    fn only_changes_are_news() {
        let line = line();
        assert_eq!(line.note_answer(), News::None);
        assert_eq!(line.note_failure(at(0)), News::Changed);
        assert_eq!(line.note_failure(at(1)), News::None);
        assert!(line.is_worth_asking(at(2_000)));
        assert_eq!(line.note_failure(at(2_000)), News::None);
        assert_eq!(line.note_answer(), News::Changed);
        assert_eq!(line.note_answer(), News::None);
    }
}
