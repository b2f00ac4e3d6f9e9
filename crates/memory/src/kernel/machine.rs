//! A clock, ids and secrets that a test holds in its hand.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta};
use incident_domain::kernel::{Clock, IdGenerator, SecretGenerator, SecretGeneratorError, Timestamp};
use uuid::Uuid;

/// 1 January 2026, 00:00 UTC.
const START_SECONDS: i64 = 1_767_225_600;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    now_us: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this, in whole microseconds; what is finer is cut off.
    pub fn at(now: Timestamp) -> Self {
        Self { now_us: AtomicI64::new(now.timestamp_micros()) }
    }

    /// Shows another time, in whole microseconds, earlier or later.
    pub fn set(&self, now: Timestamp) {
        self.now_us.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves on by this much, in whole microseconds; a negative step moves back.
    pub fn advance(&self, step: TimeDelta) {
        let step_us = step.num_microseconds().unwrap_or(i64::MAX);
        self.now_us.fetch_add(step_us, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 1 January 2026, 00:00 UTC.
    fn default() -> Self {
        Self { now_us: AtomicI64::new(START_SECONDS * 1_000_000) }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let now_us = self.now_us.load(Ordering::SeqCst);
        // Moved beyond the calendar's end, the clock shows the end.
        DateTime::from_timestamp_micros(now_us).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
    }
}

/// Ids that are the same at every run: UUIDv7 in form, one millisecond apart.
#[derive(Debug, Default)]
pub struct SequentialIds {
    made: AtomicU64,
}

impl SequentialIds {
    /// Ids from 1 January 2026 on.
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

/// Secrets that are the same at every run, and all different. Whoever knows one knows all: they are for tests
/// only.
#[derive(Debug, Default)]
pub struct SequentialSecrets {
    made: AtomicU64,
}

impl SequentialSecrets {
    /// Secrets from number 1 on.
    pub fn new() -> Self {
        Self::default()
    }

    /// The secret with this number, from 1.
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
    fn the_clock_moves_only_when_it_is_moved_and_in_whole_microseconds() {
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
    fn ids_are_uuids_of_version_7_and_increase_and_repeat_from_run_to_run() {
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
    fn secrets_are_all_different_and_repeat_from_run_to_run() {
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
