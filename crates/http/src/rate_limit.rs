//! Headers about rate limits (draft-ietf-httpapi-ratelimit-headers).

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use incident_application::identity::Limited;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The headers that describe a limit and what is left of it.
pub(crate) fn headers(limited: &Limited) -> [(HeaderName, String); 2] {
    let Limited { quota, admission } = limited;
    let (name, requests, period_seconds) = (quota.name, quota.requests, quota.period_seconds);
    let remaining = admission.remaining;
    let full_after_seconds = seconds_rounded_up(admission.full_after.to_std().unwrap_or_default());
    [
        (RATE_LIMIT_POLICY, format!("\"{name}\";q={requests};w={period_seconds}")),
        (RATE_LIMIT, format!("\"{name}\";r={remaining};t={full_after_seconds}")),
    ]
}

/// Adds the headers of a limit to those of other limits.
pub(crate) fn add_headers(limited: &Limited, response: &mut HeaderMap) {
    for (name, value) in headers(limited) {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.append(name, value);
        }
    }
}

/// The value of `Retry-After` in seconds, rounded up, so that a client that waits this long is not too early.
pub(crate) fn retry_after(wait: Duration) -> String {
    seconds_rounded_up(wait).max(1).to_string()
}

fn seconds_rounded_up(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use chrono::TimeDelta;
    use incident_domain::kernel::{Admission, Quota};

    use super::*;

    #[test]
    fn times_are_rounded_up() {
        let some = |number| NonZeroU32::new(number).unwrap();
        let quota = Quota { name: "requests", requests: some(600), period_seconds: some(60), burst: some(100) };
        let admission = Admission {
            is_admitted: true,
            remaining: 87,
            full_after: TimeDelta::milliseconds(1_300),
            retry_after: TimeDelta::zero(),
        };
        let [(_, policy), (_, limit)] = headers(&Limited { quota, admission });
        assert_eq!((policy.as_str(), limit.as_str()), ("\"requests\";q=600;w=60", "\"requests\";r=87;t=2"));
        for (wait_ms, expected) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (12_000, "12")] {
            assert_eq!(retry_after(Duration::from_millis(wait_ms)), expected, "{wait_ms} ms");
        }
    }
}
