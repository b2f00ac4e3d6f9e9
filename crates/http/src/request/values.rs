//! Values of parameters and bodies that arrive as text.

use std::str::FromStr;

use chrono::{DateTime, Datelike};
use incident_domain::kernel::{TimeRange, Timestamp, UserId};

use crate::problem::{Invalid, Validation};

/// Parses names of a closed set, separated by commas and any spaces.
pub(crate) fn names<T: FromStr<Err: Invalid>>(
    validation: &mut Validation,
    pointer: &str,
    text: Option<&str>,
) -> Option<Vec<T>> {
    let parsed = text.into_iter().flat_map(|text| text.split(',')).map(|name| name.trim().parse()).collect();
    validation.check(pointer, parsed)
}

/// Parses a user's id.
pub(crate) fn user(validation: &mut Validation, pointer: &str, text: Option<&str>) -> Option<UserId> {
    let id = text?.parse().ok();
    if id.is_none() {
        validation.reject(pointer, "not_an_id", "must be a user's id");
    }
    id
}

/// Parses `true` or `false`.
pub(crate) fn flag(validation: &mut Validation, pointer: &str, text: Option<&str>) -> Option<bool> {
    let flag = text?.parse().ok();
    if flag.is_none() {
        validation.reject(pointer, "unknown_value", "must be true or false");
    }
    flag
}

/// Parses a time (RFC 3339), rounded down to the microseconds that are stored.
pub(crate) fn time(validation: &mut Validation, pointer: &str, text: Option<&str>) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(text?).ok();
    let time = time.and_then(|time| Timestamp::from_timestamp_micros(time.timestamp_micros()));
    // The offset may move the time out of the years that have four digits.
    let time = time.filter(|time| (1..=9999).contains(&time.year()));
    if time.is_none() {
        // Only a query turns `+` into a space.
        let hint = if text?.contains(' ') { "; write the + of an offset as %2B in a URL" } else { "" };
        validation.reject(pointer, "not_a_time", format!("must be a time such as 2026-01-31T14:05:00Z{hint}"));
    }
    time
}

/// Parses the range between the parameters `<name>_since` and `<name>_until`.
pub(crate) fn time_range(
    validation: &mut Validation,
    name: &str,
    since: Option<&str>,
    until: Option<&str>,
) -> TimeRange {
    TimeRange {
        since: time(validation, &format!("?{name}_since"), since),
        until: time(validation, &format!("?{name}_until"), until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        time(&mut Validation::default(), "?since", Some(text)).map(|time| time.to_rfc3339())
    }

    #[test]
    fn a_time_is_kept_in_microseconds_and_in_utc() {
        assert_eq!(read("2026-01-31T14:05:00.1234567+02:00").as_deref(), Some("2026-01-31T12:05:00.123456+00:00"));
        assert_eq!(read("2016-12-31T23:59:60Z").as_deref(), Some("2017-01-01T00:00:00+00:00"));
    }

    #[test]
    fn a_malformed_time_or_one_outside_four_digit_years_is_refused() {
        for text in ["", "2026-01-31", "2026-01-31T14:05:00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
