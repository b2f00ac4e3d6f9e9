//! Values that come as text, in parameters and bodies.

use std::str::FromStr;

use chrono::{DateTime, Datelike};
use incident_domain::{TimeRange, Timestamp, UserId};

use crate::problem::{Invalid, Validation};

/// Names of a closed set, separated by commas.
pub(crate) fn names<T: FromStr<Err: Invalid>>(
    check: &mut Validation,
    pointer: &str,
    text: Option<&str>,
) -> Option<Vec<T>> {
    let parsed = text.into_iter().flat_map(|text| text.split(',')).map(str::parse).collect();
    check.take(pointer, parsed)
}

/// A user's id.
pub(crate) fn user(check: &mut Validation, pointer: &str, text: Option<&str>) -> Option<UserId> {
    let id = text?.parse().ok();
    if id.is_none() {
        check.refuse(pointer, "not_an_id", "must be a user's id");
    }
    id
}

/// Yes or no.
pub(crate) fn flag(check: &mut Validation, pointer: &str, text: Option<&str>) -> Option<bool> {
    let flag = text?.parse().ok();
    if flag.is_none() {
        check.refuse(pointer, "unknown_value", "must be true or false");
    }
    flag
}

/// A time (RFC 3339), in the microseconds in which times are kept.
pub(crate) fn time(check: &mut Validation, pointer: &str, text: Option<&str>) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(text?).ok();
    let time = time.and_then(|time| Timestamp::from_timestamp_micros(time.timestamp_micros()));
    // An offset can lead out of the years that have four digits.
    let time = time.filter(|time| (1..=9999).contains(&time.year()));
    if time.is_none() {
        check.refuse(pointer, "not_a_time", "must be a time such as 2026-01-31T14:05:00Z");
    }
    time
}

/// The span between the parameters `<name>_since` and `<name>_until`.
pub(crate) fn time_range(check: &mut Validation, name: &str, since: Option<&str>, until: Option<&str>) -> TimeRange {
    TimeRange {
        since: time(check, &format!("?{name}_since"), since),
        until: time(check, &format!("?{name}_until"), until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        time(&mut Validation::new(), "?since", Some(text)).map(|time| time.to_rfc3339())
    }

    #[test]
    fn a_time_is_kept_in_microseconds_and_in_utc() {
        assert_eq!(read("2026-01-31T14:05:00.1234567+02:00").as_deref(), Some("2026-01-31T12:05:00.123456+00:00"));
        assert_eq!(read("2016-12-31T23:59:60Z").as_deref(), Some("2017-01-01T00:00:00+00:00"));
    }

    #[test]
    fn what_is_no_time_of_these_years_is_refused() {
        for text in ["", "2026-01-31", "2026-01-31T14:05:00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
