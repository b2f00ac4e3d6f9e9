//! What incidents are about that nobody has: titles and descriptions of many lengths, as people write them.

use serde_json::{Value, json};

const SERVICES: &[&str] = &["checkout", "login", "search", "mail", "warehouse", "reports", "vpn", "database", "phone"];

const FAULTS: &[&str] = &[
    "answers 500",
    "takes half a minute",
    "refuses every card",
    "is slow since the release",
    "shows yesterday's prices",
    "runs out of connections",
    "loses what was entered",
    "cannot be reached from home",
];

const PLACES: &[&str] = &["in Hamburg", "in Lyon", "in Porto", "in the shop", "at head office", "for partners"];

const CATEGORIES: &[&str] = &["payments", "access", "catalogue", "messaging", "logistics", "network"];

const WEIGHTS: &[&str] = &["low", "medium", "high"];

const SENTENCES: &[&str] = &[
    "It began shortly after the release and has not stopped since.",
    "Three customers have called about it within the last hour.",
    "Trying again helps about half of the time.",
    "The graphs show nothing unusual but a few more retries than on other days.",
    "Somebody restarted the second node, which changed nothing.",
    "The provider says that everything works on their side.",
    "It looks like what happened in March, when the certificate had run out.",
    "Ordering by telephone still works, so nobody is cut off entirely.",
];

/// The most sentences of a description.
const SENTENCES_MAX: usize = 8;

/// The body of a request to open one.
pub(super) fn body() -> Value {
    let service = one_of(SERVICES);
    let title = format!(
        "{service} {} {} since {:02}:{:02}",
        one_of(FAULTS),
        one_of(PLACES),
        fastrand::u8(0..24),
        fastrand::u8(0..60)
    );
    let sentences = std::iter::repeat_with(|| one_of(SENTENCES)).take(fastrand::usize(1..=SENTENCES_MAX));
    let description = sentences.collect::<Vec<_>>().join(" ");
    json!({
        "title": title,
        "description": description,
        "impact": one_of(WEIGHTS),
        "urgency": one_of(WEIGHTS),
        "service": service,
        "category": one_of(CATEGORIES),
    })
}

fn one_of(words: &[&'static str]) -> &'static str {
    fastrand::choice(words).copied().unwrap_or_default()
}
