//! The values of an event log as values of the domain.

use chrono::{NaiveDate, NaiveTime};
use incident_application::work::{Person, Standing};
use incident_domain::{
    identity::Email,
    incidents::{HoldReason, Impact, Priority, Urgency},
    kernel::{PersonName, Timestamp},
};

/// The domain of generated email addresses, which identify people. It receives no mail (RFC 2606, section 2).
const PEOPLE_DOMAIN: &str = "servicenow.invalid";

/// Returns the status, with the hold reason, that a state of the log means.
pub(super) fn standing(text: &str) -> Option<Standing> {
    Some(match text {
        "New" => Standing::Open,
        "Active" => Standing::Investigating,
        "Awaiting User Info" => Standing::OnHold(HoldReason::AwaitingUser),
        "Awaiting Vendor" => Standing::OnHold(HoldReason::AwaitingVendor),
        "Awaiting Problem" => Standing::OnHold(HoldReason::AwaitingProblem),
        "Awaiting Evidence" => Standing::OnHold(HoldReason::AwaitingEvidence),
        "Resolved" => Standing::Resolved,
        "Closed" => Standing::Closed,
        _ => return None,
    })
}

/// Parses `day/month/year hour:minute` as UTC. Minutes must have two digits, so that a date that was cut off is invalid.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(' ')?;
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (hour, minute) = clock.split_once(':')?;
    let is_whole = parts.next().is_none() && year.len() == 4 && minute.len() == 2;
    let is_digits = [day, month, year, hour, minute].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_whole || !is_digits {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let clock = NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)?;
    Some(date.and_time(clock).and_utc())
}

/// Parses `1 - High`, `2 - Medium` or `3 - Low`; only the number counts.
pub(super) fn impact(text: &str) -> Option<Impact> {
    match level(text)? {
        "1" => Some(Impact::High),
        "2" => Some(Impact::Medium),
        "3" => Some(Impact::Low),
        _ => None,
    }
}

/// Parses the same levels as those of the impact.
pub(super) fn urgency(text: &str) -> Option<Urgency> {
    match level(text)? {
        "1" => Some(Urgency::High),
        "2" => Some(Urgency::Medium),
        "3" => Some(Urgency::Low),
        _ => None,
    }
}

/// Parses `1 - Critical`, `2 - High`, `3 - Moderate`, `4 - Low` or `5 - Planning`; only the number counts.
pub(super) fn priority(text: &str) -> Option<Priority> {
    match level(text)? {
        "1" => Some(Priority::Critical),
        "2" => Some(Priority::High),
        "3" => Some(Priority::Medium),
        "4" | "5" => Some(Priority::Low),
        _ => None,
    }
}

fn level(text: &str) -> Option<&str> {
    text.split_once(" - ").map(|(number, _)| number)
}

/// Makes a person of a name: `Resolved by 149` becomes `resolved-by-149@servicenow.invalid`. Names that differ only in
/// case, spaces or punctuation are the same person.
pub(super) fn person(text: &str) -> Option<Person> {
    let name = PersonName::parse(text).ok()?;
    let lowercase = text.to_lowercase();
    let words: Vec<&str> = lowercase.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return None;
    }
    let email = Email::parse(format!("{}@{PEOPLE_DOMAIN}", words.join("-"))).ok()?;
    Some(Person { name, email })
}
