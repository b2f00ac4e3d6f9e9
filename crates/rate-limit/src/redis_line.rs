//! The connection to Redis, and whether it is worth asking.

use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use incident_domain::Timestamp;
use redis::{Client, RedisResult, aio::MultiplexedConnection};
use tokio::sync;

/// One connection that all requests share, opened when the first one needs it.
pub(crate) struct RedisLine {
    client: Client,
    connection: sync::Mutex<Option<MultiplexedConnection>>,
    state: Mutex<State>,
    pause: TimeDelta,
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
pub(crate) enum News {
    /// It is as it was.
    None,
    /// It was there and is not, or the other way round.
    Changed,
}

impl RedisLine {
    pub(crate) fn new(client: Client, pause: TimeDelta) -> Self {
        Self { client, connection: sync::Mutex::new(None), state: Mutex::new(State::Trusted), pause }
    }

    /// Whether this request is to ask Redis. While it is away, that is one request in each pause.
    pub(crate) fn is_worth_asking(&self, now: Timestamp) -> bool {
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
    pub(crate) async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &*connection {
            return Ok(open.clone());
        }
        let opened = self.client.get_multiplexed_async_connection().await?;
        Ok(connection.insert(opened).clone())
    }

    pub(crate) fn note_answer(&self) -> News {
        self.change_to(State::Trusted)
    }

    /// Hangs up, and does not ask again before the pause is over.
    pub(crate) fn note_failure(&self, now: Timestamp) -> News {
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
    use crate::promises::start;

    fn line() -> RedisLine {
        RedisLine::new(Client::open("redis://127.0.0.1:1").unwrap(), TimeDelta::seconds(1))
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
