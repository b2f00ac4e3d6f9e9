//! A clock, ids and secrets under a test's control.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta};
use incident_domain::kernel::{Clock, IdGenerator, SecretGenerator, SecretGeneratorError, Timestamp};
use uuid::Uuid;

/// 1 January 2026, 00:00 UTC.
const START_SECONDS: i64 = 1_767_225_600;

/// A clock that changes only when a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    now_us: AtomicI64,
}

impl ManualClock {
    /// Makes a clock that shows this time, truncated to whole microseconds.
    pub fn at(now: Timestamp) -> Self {
        Self { now_us: AtomicI64::new(now.timestamp_micros()) }
    }

    /// Sets the time, earlier or later, truncated to whole microseconds.
    pub fn set(&self, now: Timestamp) {
        self.now_us.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Advances the time by whole microseconds; a negative step moves it back.
    pub fn advance(&self, step: TimeDelta) {
        let step_us = step.num_microseconds().unwrap_or(i64::MAX);
        self.now_us.fetch_add(step_us, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// Makes a clock that shows 1 January 2026, 00:00 UTC.
    fn default() -> Self {
        Self { now_us: AtomicI64::new(START_SECONDS * 1_000_000) }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let now_us = self.now_us.load(Ordering::SeqCst);
        // Beyond the end of the calendar, the clock shows the end.
        DateTime::from_timestamp_micros(now_us).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
    }
}

/// Ids that are the same in every run, in the form of UUIDv7, one millisecond apart.
#[derive(Debug, Default)]
pub struct SequentialIds {
    made: AtomicU64,
}

impl SequentialIds {
    /// Makes ids that begin with 1 January 2026.
    pub fn new() -> Self {
        Self::default()
    }
}

impl IdGenerator for SequentialIds {
    fn next_id(&self) -> Uuid {
        const START_MS: u64 = START_SECONDS.unsigned_abs() * 1_000;
        let made = self.made.fetch_add(1, Ordering::SeqCst);
        // RFC 9562, section 5.7: 48 bits of milliseconds, then the version and the variant.
        let timestamp = u128::from(START_MS + made) << 80;
        let version_and_variant = 0x7 << 76 | 0b10 << 62;
        Uuid::from_u128(timestamp | version_and_variant | u128::from(made & 0xFFFF_FFFF))
    }
}

/// Secrets that are the same in every run, and all different. They can be predicted, so they are for tests only.
#[derive(Debug, Default)]
pub struct SequentialSecrets {
    made: AtomicU64,
}

impl SequentialSecrets {
    /// Makes secrets that begin with number 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the secret with this number, from 1.
    pub fn nth(number: u64) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[24..].copy_from_slice(&number.to_be_bytes());
        secret
    }
}

impl SecretGenerator for SequentialSecrets {
    fn secret(&self) -> Result<[u8; 32], SecretGeneratorError> {
        Ok(Self::nth(self.made.fetch_add(1, Ordering::SeqCst) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_only_when_it_is_set_and_in_whole_microseconds() {
        let clock = ManualClock::default();
        let start = clock.now();
        assert_eq!(start.to_string(), "2026-01-01 00:00:00 UTC");
        assert_eq!(clock.now(), start);

        clock.advance(TimeDelta::nanoseconds(1_999));
        assert_eq!(clock.now() - start, TimeDelta::microseconds(1));

        clock.set(start + TimeDelta::nanoseconds(5_001));
        assert_eq!(clock.now() - start, TimeDelta::microseconds(5));
        clock.advance(TimeDelta::microseconds(-5));
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn ids_are_increasing_uuids_of_version_7_and_repeat_in_every_run() {
        let (ids, again) = (SequentialIds::new(), SequentialIds::new());
        let made: Vec<Uuid> = (0..1_000).map(|_| ids.next_id()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        for id in &made {
            assert_eq!(id.get_version_num(), 7, "{id}");
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122, "{id}");
            assert_eq!(again.next_id(), *id);
        }
    }

    #[test]
    fn secrets_differ_and_repeat_in_every_run() {
        let (secrets, again) = (SequentialSecrets::new(), SequentialSecrets::new());
        let made: Vec<_> = (0..1_000).map(|_| secrets.secret()).collect();
        let distinct: std::collections::BTreeSet<_> = made.iter().flatten().collect();
        assert_eq!(distinct.len(), 1_000);
        assert_eq!(made[2], Ok(SequentialSecrets::nth(3)));
        for secret in made {
            assert_eq!(again.secret(), secret);
        }
    }
}
