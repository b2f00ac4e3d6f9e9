//! How often and at which intervals a call is tried.

use std::time::Duration;

/// How often a call is tried when there is no response, or one that may be temporary (429, 502, 503, 504).
///
/// Every command carries an idempotency key, the same for each attempt, so that it takes effect only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// The number of attempts, including the first.
    pub attempts_max: u32,
    /// The longest wait before the second attempt; each further wait may be twice as long.
    pub first_wait_max: Duration,
    /// The longest wait that the client chooses by itself.
    pub wait_max: Duration,
    /// The longest `Retry-After` that the client waits for; if the server requests more, the call fails.
    pub retry_after_max: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts_max: 5,
            first_wait_max: Duration::from_millis(200),
            wait_max: Duration::from_secs(5),
            retry_after_max: Duration::from_secs(30),
        }
    }
}

impl Retries {
    /// Tries every call once.
    pub const fn none() -> Self {
        Self {
            attempts_max: 1,
            first_wait_max: Duration::ZERO,
            wait_max: Duration::ZERO,
            retry_after_max: Duration::ZERO,
        }
    }

    /// Returns how long to wait after this number of attempts, or none to give up. `chance`, from 0 to 1, spreads the
    /// retries of clients that failed at the same moment.
    pub(crate) fn wait(&self, attempts: u32, retry_after: Option<Duration>, chance: f64) -> Option<Duration> {
        if attempts >= self.attempts_max || retry_after > Some(self.retry_after_max) {
            return None;
        }
        let doubled = self.first_wait_max.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
        let longest = doubled.min(self.wait_max);
        let chosen = longest.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0));
        // A retry before the requested time would be refused again.
        Some(retry_after.map_or(chosen, |requested| requested + chosen.mul_f64(0.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_are_never_shorter_than_half() {
        let retries = Retries::default();
        let waits_ms = |chance| {
            let wait = |attempts| retries.wait(attempts, None, chance).map(|wait| wait.as_millis());
            (1..=5).map(wait).collect::<Vec<_>>()
        };
        assert_eq!(waits_ms(1.0), [Some(200), Some(400), Some(800), Some(1600), None]);
        assert_eq!(waits_ms(0.0), [Some(100), Some(200), Some(400), Some(800), None]);
        let patient = Retries { attempts_max: u32::MAX, ..retries };
        assert_eq!(patient.wait(u32::MAX - 1, None, 1.0), Some(retries.wait_max));
    }

    #[test]
    fn retry_after_is_respected_unless_it_is_too_long() {
        let retries = Retries::default();
        let asked = Duration::from_secs(7);
        assert!((asked..asked * 2).contains(&retries.wait(1, Some(asked), 0.5).unwrap()));
        assert_eq!(retries.wait(1, Some(retries.retry_after_max + asked), 0.5), None);
        assert_eq!(Retries::none().wait(1, None, 0.5), None);
    }
}
