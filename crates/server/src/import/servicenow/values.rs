//! The values of an event log as values of the domain.

use incident_application::work::{Person, Standing};
use incident_domain::{
    identity::Email,
    incidents::{HoldReason, Impact, Priority, Urgency},
    kernel::PersonName,
};

/// The domain of generated email addresses, which identify people. It receives no mail (RFC 2606, section 2).
const PEOPLE_DOMAIN: &str = "servicenow.invalid";

/// What a state of the log means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A status, with everything that it needs.
    Complete(Standing),
    /// On hold, for a reason that stands in another column.
    OnHold,
}

/// Parses a state by its name or the number that ServiceNow stores, in any case, with or without spaces.
pub(super) fn state(text: &str) -> Option<State> {
    let on_hold = |reason| State::Complete(Standing::OnHold(reason));
    Some(match letters_of(text).as_str() {
        "new" | "open" | "1" => State::Complete(Standing::Open),
        "active" | "assigned" | "inprogress" | "workinprogress" | "2" => State::Complete(Standing::Investigating),
        "onhold" | "pending" | "3" => State::OnHold,
        "awaitinguserinfo" | "awaitinguser" | "awaitingcaller" => on_hold(HoldReason::AwaitingUser),
        "awaitingvendor" => on_hold(HoldReason::AwaitingVendor),
        "awaitingproblem" => on_hold(HoldReason::AwaitingProblem),
        "awaitingevidence" => on_hold(HoldReason::AwaitingEvidence),
        "awaitingchange" => on_hold(HoldReason::AwaitingChange),
        "resolved" | "6" => State::Complete(Standing::Resolved),
        "closed" | "closedcomplete" | "closedincomplete" | "closedskipped" | "7" => State::Complete(Standing::Closed),
        "canceled" | "cancelled" | "8" => State::Complete(Standing::Cancelled),
        _ => return None,
    })
}

/// Parses the reason of a hold by its name or the number that ServiceNow stores.
pub(super) fn hold_reason(text: &str) -> Option<HoldReason> {
    Some(match letters_of(text).as_str() {
        "awaitingcaller" | "awaitinguser" | "awaitinguserinfo" | "1" => HoldReason::AwaitingUser,
        "awaitingevidence" => HoldReason::AwaitingEvidence,
        "awaitingproblem" | "3" => HoldReason::AwaitingProblem,
        "awaitingvendor" | "4" => HoldReason::AwaitingVendor,
        "awaitingchange" | "5" => HoldReason::AwaitingChange,
        _ => return None,
    })
}

/// Returns a name in lower case without spaces, underscores, and hyphens between words.
fn letters_of(text: &str) -> String {
    let is_kept = |(index, c): &(usize, char)| !c.is_whitespace() && *c != '_' && (*c != '-' || *index == 0);
    text.trim().char_indices().filter(is_kept).flat_map(|(_, c)| c.to_lowercase()).collect()
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

/// Returns the number of `2 - Medium`, `2-Medium` or `2`.
fn level(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, name) = text.split_at(digits);
    let is_separated = name.trim_start().is_empty() || name.trim_start().starts_with(['-', '\u{2013}']);
    is_separated.then_some(number)
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
