//! Random incidents: titles and descriptions of different lengths, as people write them.

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

const LEVELS: &[&str] = &["low", "medium", "high"];

const SENTENCES: &[&str] = &[
    "It began shortly after the release and has not stopped since.",
    "Three customers have called about it within the last hour.",
    "Trying again helps about half of the time.",
    "The graphs show nothing unusual but a few more retries than on other days.",
    "We restarted the second node, which changed nothing.",
    "The provider says that everything works on their side.",
    "It looks like what happened in March, when the certificate had run out.",
    "Orders by telephone still work, so customers have a way to order.",
];

const SENTENCES_MAX: usize = 8;

/// Returns the body of a request to open an incident.
pub(super) fn random_body() -> Value {
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
        "impact": one_of(LEVELS),
        "urgency": one_of(LEVELS),
        "service": service,
        "category": one_of(CATEGORIES),
    })
}

fn one_of(words: &[&'static str]) -> &'static str {
    fastrand::choice(words).copied().unwrap_or_default()
}
