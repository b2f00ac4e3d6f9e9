//! Days, weeks and months in a time zone.

use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;
use incident_domain::kernel::{Timestamp, UnknownName};

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// From the first to the last day of a month.
    Month,
}

impl Span {
    /// Every span.
    pub const ALL: &[Self] = &[Self::Day, Self::Week, Self::Month];

    /// Returns the stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Returns the first day of the span that contains a time, in a time zone.
    pub(super) fn start_of(self, at: Timestamp, zone: Tz) -> NaiveDate {
        let day = at.with_timezone(&zone).date_naive();
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    /// Returns the first day of the span after the one that starts on a day.
    pub(super) fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

impl FromStr for Span {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|span| span.as_str() == text).copied();
        named.ok_or_else(|| UnknownName { allowed: Self::ALL.iter().map(|span| span.as_str()).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_begins_by_the_time_of_its_zone() {
        let late: Timestamp = "2026-03-31T22:30:00Z".parse().unwrap();
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(Span::Day.start_of(late, Tz::UTC), day("2026-03-31"));
        assert_eq!(Span::Day.start_of(late, berlin), day("2026-04-01"));
        assert_eq!(Span::Week.start_of(late, berlin), day("2026-03-30"));
        assert_eq!(Span::Month.start_of(late, Tz::UTC), day("2026-03-01"));
        assert_eq!(Span::Month.start_of(late, berlin), day("2026-04-01"));
    }

    #[test]
    fn spans_follow_one_another_without_gaps() {
        assert_eq!(Span::Day.next(day("2026-12-31")), Some(day("2027-01-01")));
        assert_eq!(Span::Week.next(day("2026-12-28")), Some(day("2027-01-04")));
        assert_eq!(Span::Month.next(day("2026-12-01")), Some(day("2027-01-01")));
    }
}
