//! The dates of an event log, as ServiceNow, spreadsheets and scripts write them.

use chrono::{
    FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Timelike,
    format::{Parsed, StrftimeItems, parse as parse_items},
};
use clap::ValueEnum;
use incident_domain::kernel::Timestamp;

/// The order of day and month in dates that end with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DateOrder {
    /// 29/2/2016
    DayFirst,
    /// 2/29/2016
    MonthFirst,
}

impl DateOrder {
    /// Returns the name that the command line uses.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DayFirst => "day-first",
            Self::MonthFirst => "month-first",
        }
    }
}

/// A date that was parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    /// False if the text has no time of day; it is midnight then.
    pub(super) has_clock: bool,
}

/// Dates with the name of a month, in which day and month cannot be confused.
const WITH_MONTH_NAMES: [&str; 8] =
    ["%d-%B-%Y", "%d %B %Y", "%d %B, %Y", "%d. %B %Y", "%d/%B/%Y", "%d.%B.%Y", "%B %d, %Y", "%B %d %Y"];

/// Parses a date with an optional time of day, as UTC unless it names an offset. Years have four digits, because others
/// could be days.
pub(super) fn parse(text: &str, order: DateOrder) -> Option<Moment> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let (date, rest) = date(&text, order)?;
    if rest.is_empty() {
        return Some(Moment { at: date.and_time(NaiveTime::MIN).and_utc(), has_clock: false });
    }
    let rest = rest.strip_prefix(['T', 't', ' ']).or_else(|| rest.strip_prefix(", "))?;
    let (clock, offset) = split_offset(rest)?;
    let local = NaiveDateTime::new(date, time_of_day(clock)?);
    let at = local.and_local_timezone(offset).single()?.to_utc();
    // The stores keep microseconds.
    Some(Moment { at: at.trunc_subsecs(6), has_clock: true })
}

/// Parses the date at the beginning of a text, and returns the rest.
fn date(text: &str, order: DateOrder) -> Option<(NaiveDate, &str)> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let digits = text.bytes().take_while(|byte| is_digit(byte)).count();
    let separator = text.as_bytes().get(digits);
    let is_numeric = text.as_bytes().get(digits + 1).is_some_and(is_digit);
    let with_format = |format: &str| {
        let (date, rest) = NaiveDate::parse_and_remainder(text, format).ok()?;
        let has_four_digits = (1000..=9999).contains(&chrono::Datelike::year(&date));
        has_four_digits.then_some((date, rest))
    };
    let format = match (digits, separator, is_numeric, order) {
        (4, Some(b'-'), true, _) => "%Y-%m-%d",
        (4, Some(b'/'), true, _) => "%Y/%m/%d",
        (4, Some(b'.'), true, _) => "%Y.%m.%d",
        (1 | 2, Some(b'/'), true, DateOrder::DayFirst) => "%d/%m/%Y",
        (1 | 2, Some(b'.'), true, DateOrder::DayFirst) => "%d.%m.%Y",
        (1 | 2, Some(b'-'), true, DateOrder::DayFirst) => "%d-%m-%Y",
        (1 | 2, Some(b'/'), true, DateOrder::MonthFirst) => "%m/%d/%Y",
        (1 | 2, Some(b'.'), true, DateOrder::MonthFirst) => "%m.%d.%Y",
        (1 | 2, Some(b'-'), true, DateOrder::MonthFirst) => "%m-%d-%Y",
        _ => return WITH_MONTH_NAMES.into_iter().find_map(with_format),
    };
    with_format(format)
}

/// Separates the offset from UTC at the end of a time of day; UTC if there is none.
fn split_offset(text: &str) -> Option<(&str, FixedOffset)> {
    let utc = FixedOffset::east_opt(0)?;
    for zone in ["Z", "UTC", "GMT"] {
        let start = text.len().saturating_sub(zone.len());
        if text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(zone)) {
            return Some((text[..start].trim_end(), utc));
        }
    }
    let Some(start) = text.rfind(['+', '-', '\u{2212}']) else { return Some((text, utc)) };
    let (clock, offset) = text.split_at(start);
    let mut parsed = Parsed::new();
    parse_items(&mut parsed, offset, StrftimeItems::new("%#z")).ok()?;
    Some((clock.trim_end(), parsed.to_fixed_offset().ok()?))
}

/// Parses `16:07`, `16:07:30`, `16:07:30.250`, `4:07 PM` or `4:07:30 p.m.`.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.to_ascii_lowercase().replace("a.m.", "am").replace("p.m.", "pm").replace(',', ".");
    let has_half = text.ends_with('m');
    let format = match (text.matches(':').count(), has_half) {
        (1, false) => "%H:%M",
        (2, false) => "%H:%M:%S%.f",
        (1, true) => "%I:%M %p",
        (2, true) => "%I:%M:%S%.f %p",
        _ => return None,
    };
    let time = NaiveTime::parse_from_str(&text, format).ok()?;
    // A leap second, which databases refuse.
    (time.nanosecond() < 1_000_000_000).then_some(time)
}

/// Returns a text with one `0` for each group of digits. Dates of one format have the same shape.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.trim().chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !shape.ends_with('0') {
            shape.push(c);
        }
    }
    shape
}

/// Returns true if a last date may lack its end: it is no date, has another format than the date before it, or ends with a
/// single digit.
pub(super) fn may_be_cut(last: &str, before: Option<&str>) -> bool {
    let is_date = parse(last, DateOrder::DayFirst).or_else(|| parse(last, DateOrder::MonthFirst)).is_some();
    let digits_at_end = last.trim_end().bytes().rev().take_while(u8::is_ascii_digit).count();
    !is_date || digits_at_end == 1 || before.is_some_and(|before| shape(before) != shape(last))
}

/// What a date shows about the order of day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It is a date only in this order.
    Only(DateOrder),
    /// It is another date in each order.
    Either,
    /// It is the same date in each order, or none.
    Nothing,
}

impl Evidence {
    pub(super) fn of(text: &str) -> Self {
        match (parse(text, DateOrder::DayFirst), parse(text, DateOrder::MonthFirst)) {
            (Some(day_first), Some(month_first)) if day_first != month_first => Self::Either,
            (Some(_), None) => Self::Only(DateOrder::DayFirst),
            (None, Some(_)) => Self::Only(DateOrder::MonthFirst),
            (Some(_), Some(_)) | (None, None) => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day_first(text: &str) -> String {
        parse(text, DateOrder::DayFirst).map_or_else(|| "-".to_owned(), |moment| moment.at.to_rfc3339())
    }

    #[test]
    fn dates_of_many_formats_are_the_same_moment() {
        for text in [
            "29/2/2016 01:16:57",
            "29/02/2016 1:16:57",
            "29.02.2016 01:16:57",
            "29-02-2016 01:16:57",
            "29.2.2016, 1:16:57",
            "2016-02-29 01:16:57",
            "2016/02/29 01:16:57",
            "2016-2-29 1:16:57",
            "2016-02-29T01:16:57",
            "2016-02-29T01:16:57Z",
            "2016-02-29t01:16:57z",
            "2016-02-29 01:16:57 UTC",
            "2016-02-29T01:16:57.000Z",
            "2016-02-29 01:16:57,000",
            "2016-02-29T03:16:57+02:00",
            "2016-02-29T03:16:57+0200",
            "2016-02-29 03:16:57 +02",
            "2016-02-28T20:16:57-05:00",
            "29/02/2016 01:16:57 AM",
            "29/02/2016  01:16:57\u{202f}am",
            "29/02/2016 1:16:57 a.m.",
            "29-Feb-2016 01:16:57",
            "29 February 2016 01:16:57",
            "Feb 29, 2016 01:16:57",
            "FEB 29, 2016 1:16:57AM",
        ] {
            assert_eq!(day_first(text), "2016-02-29T01:16:57+00:00", "{text}");
        }
        assert_eq!(day_first("29/2/2016 4:5 PM"), "2016-02-29T16:05:00+00:00");
        assert_eq!(day_first("29/2/2016 12:05 am"), "2016-02-29T00:05:00+00:00");
        assert_eq!(day_first("29/2/2016"), "2016-02-29T00:00:00+00:00");
    }

    #[test]
    fn what_is_no_date_or_could_be_another_is_refused() {
        for text in [
            "",
            "?",
            "29/2/16 01:16",
            "16-02-29 01:16",
            "31/2/2016 01:16",
            "29/2/2016 24:16",
            "29/2/2016 01:16:60",
            "29/2/2016 13:16 PM",
            "29/2/2016 01:16 CET",
            "29/2/2016 0116",
            "29/2/2016 01:16 x",
            "42429.05",
            "1456708617",
            "29/2/2016 01:16+99:00",
            "29/2/2016T",
            "29/2/20160 01:16",
        ] {
            assert_eq!(day_first(text), "-", "{text}");
        }
    }

    #[test]
    fn the_order_is_shown_only_by_valid_dates() {
        use DateOrder::{DayFirst, MonthFirst};
        for (text, expected) in [
            ("25/3/2016 09:00", Evidence::Only(DayFirst)),
            ("3-25-2016 09:00", Evidence::Only(MonthFirst)),
            ("29.02.2016", Evidence::Only(DayFirst)),
            ("3/5/2016 09:00", Evidence::Either),
            ("5/5/2016 09:00", Evidence::Nothing),
            ("2016-03-05 09:00", Evidence::Nothing),
            ("31/2/2016 09:00", Evidence::Nothing),
            ("25/3/2016 99:00", Evidence::Nothing),
        ] {
            assert_eq!(Evidence::of(text), expected, "{text}");
        }
    }
}
