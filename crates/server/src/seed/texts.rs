//! The texts of generated incidents, and the people who work on them.

/// Services, their categories, and symptoms.
pub(super) const SERVICES: &[(&str, &str, &[&str])] = &[
    ("checkout", "payments", &["answers 500", "takes half a minute", "charges twice", "refuses every card"]),
    ("login", "access", &["rejects all sign-ins", "asks for a password again and again", "is slow since the release"]),
    ("search", "catalogue", &["finds nothing", "shows yesterday's prices", "times out for long words"]),
    ("mail", "messaging", &["comes hours late", "bounces at one provider", "shows broken umlauts"]),
    ("warehouse", "logistics", &["prints no labels", "shows stock that is not there", "loses its scanner"]),
    ("reports", "finance", &["miss the last day", "end with an error", "cannot be opened"]),
    ("vpn", "network", &["drops every few minutes", "gives no address", "is unreachable from home"]),
    ("database", "platform", &["runs out of connections", "lags behind by minutes", "is nearly full"]),
    ("build", "platform", &["waits for a runner", "fails on every branch", "cannot fetch packages"]),
    ("phone", "telephony", &["has no dial tone", "cuts calls off", "shows the wrong number"]),
];

/// Where a symptom was noticed.
pub(super) const LOCATIONS: &[&str] =
    &["in Hamburg", "in Lyon", "in Porto", "in the shop", "at head office", "for partners"];

/// Resolution notes.
pub(super) const RESOLUTIONS: &[&str] = &[
    "rolled back the last release",
    "restarted, and raised the limit that was hit",
    "renewed the certificate",
    "the provider has mended it",
    "freed the disk; the old logs are kept elsewhere now",
    "explained how it is meant to work",
];

/// The names of people.
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

/// The first sentences of descriptions.
pub(super) const CIRCUMSTANCES: &[&str] = &[
    "It began this morning after the deployment, and comes back every few minutes.",
    "Two customers called about it, and the dashboard shows more errors than usual.",
    "Only those who signed in before the weekend see it.",
    "It happens with every browser, and on the phone as well.",
    "It has been like this since the certificate was replaced.",
    "The night shift noticed it first; there was no known change before it.",
    "It was reported last month too, and was gone by itself.",
    "The log is full of timeouts to the payment provider.",
];

/// The second sentences of descriptions.
pub(super) const ATTEMPTS: &[&str] = &[
    "Restarting did not help.",
    "Clearing the cache helped for an hour.",
    "Nothing was tried yet.",
    "A colleague has the same trouble, so it is not the device.",
    "The workaround is to do it by hand, which costs a quarter of an hour each time.",
    "Going back to the version before changed nothing.",
];

/// Comments.
pub(super) const COMMENTS: &[&str] = &[
    "asked the caller for a screenshot",
    "reproduced it on the staging system",
    "it is the connection pool: all of it waits for one slow query",
    "called the vendor, who looks at it today",
    "the disk of the replica is at 96 percent",
    "raised the timeout until the cause is found",
    "the caller confirms that it works again",
    "the same as last week, the runbook helps",
    "no answer from the caller, tried the phone too",
    "switched the traffic to the other region",
];

/// Titles of tasks.
pub(super) const TASKS: &[&str] = &[
    "tell the customers who were hit",
    "write down what happened",
    "add an alert for it",
    "replace the broken device",
    "ask the vendor for a date",
    "test the restore of the backup",
    "clean up the orders that were charged twice",
    "update the runbook",
];

/// The keys of labels, and their values.
pub(super) const LABELS: &[(&str, &[&str])] = &[
    ("region", &["eu-central", "eu-west", "us-east"]),
    ("team", &["core", "shop", "workplace", "platform", "field"]),
    ("channel", &["phone", "mail", "monitoring", "portal"]),
];
