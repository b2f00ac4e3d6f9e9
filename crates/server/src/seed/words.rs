//! What made-up incidents are about, and who works on them.

/// What is affected, and what can go wrong with it.
pub(super) const SERVICES: &[(&str, &str, &[&str])] = &[
    ("checkout", "payments", &["answers 500", "takes half a minute", "charges twice", "refuses every card"]),
    ("login", "access", &["refuses everybody", "asks for a password again and again", "is slow since the release"]),
    ("search", "catalogue", &["finds nothing", "shows yesterday's prices", "times out for long words"]),
    ("mail", "messaging", &["comes hours late", "bounces at one provider", "shows broken umlauts"]),
    ("warehouse", "logistics", &["prints no labels", "shows stock that is not there", "loses its scanner"]),
    ("reports", "finance", &["miss the last day", "end with an error", "cannot be opened"]),
    ("vpn", "network", &["drops every few minutes", "gives no address", "is unreachable from home"]),
    ("database", "platform", &["runs out of connections", "lags behind by minutes", "is nearly full"]),
    ("build", "platform", &["waits for a runner", "fails on every branch", "cannot fetch packages"]),
    ("phone", "telephony", &["has no dial tone", "cuts calls off", "shows the wrong number"]),
];

/// Where it was noticed.
pub(super) const PLACES: &[&str] =
    &["in Hamburg", "in Lyon", "in Porto", "in the shop", "at head office", "for partners"];

/// How it ended.
pub(super) const ENDINGS: &[&str] = &[
    "rolled back the last release",
    "restarted, and raised the limit that was hit",
    "renewed the certificate",
    "the provider has mended it",
    "freed the disk; the old logs are kept elsewhere now",
    "explained how it is meant to work",
];

/// The people.
pub(super) const PEOPLE: &[&str] = &[
    "Ada Brandt",
    "Bruno Costa",
    "Chiara Dubois",
    "David Eriksen",
    "Elif Fischer",
    "Farid Gomes",
    "Greta Hansen",
    "Hugo Ivanov",
    "Ines Jansen",
    "Jonas Keller",
    "Katya Lopez",
    "Liam Moreau",
];
