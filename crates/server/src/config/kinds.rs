//! The kinds of settings: how a text is read and checked, and how a value is shown.

use std::{fmt::Display, num::NonZeroU32, path::PathBuf, str::FromStr, time::Duration};

use incident_security::HashCost;
use url::Url;

use super::Secret;

/// The minimum length of a secret, in characters.
const SECRET_CHARS_MIN: usize = 32;

/// A number of events per minute.
pub(super) const PER_MINUTE: Between<NonZeroU32> =
    Between(NonZeroU32::MIN, NonZeroU32::new(10_000_000).expect("ten million is not zero"));

const NOT_SET: &str = "(not set)";
const NOT_SHOWN: &str = "(set, not shown)";

/// Whether values of a setting may be shown, and given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Every value may be shown.
    Public,
    /// No value may be shown.
    Secret,
    /// A value is a URL, and is secret if it contains a password.
    UrlWithPassword,
}

/// How the text of a setting becomes a value of type `T`.
pub(super) trait Kind<T> {
    /// Returns what is allowed, as the end of the sentence "`NAME` must be …".
    fn allowed(&self) -> String;

    /// Reads a value from text without surrounding spaces; `None` if it is not allowed.
    fn parse(&self, text: &str) -> Option<T>;

    /// Returns the value as text that may be shown.
    fn show(&self, value: &T) -> String;

    /// Returns the unit of a number, or an empty text.
    fn unit(&self) -> &'static str {
        ""
    }

    /// Returns whether values may be shown.
    fn secrecy(&self) -> Secrecy {
        Secrecy::Public
    }
}

/// A value whose type can read and write it as text. The field says what is allowed.
pub(super) struct Parsed(pub(super) &'static str);

impl<T: FromStr + Display> Kind<T> for Parsed {
    fn allowed(&self) -> String {
        self.0.to_owned()
    }

    fn parse(&self, text: &str) -> Option<T> {
        text.parse().ok()
    }

    fn show(&self, value: &T) -> String {
        value.to_string()
    }
}

/// A number from a minimum to a maximum.
pub(super) struct Between<N>(pub(super) N, pub(super) N);

impl<N: Copy + FromStr + PartialOrd + Display> Kind<N> for Between<N> {
    fn allowed(&self) -> String {
        format!("a number from {} to {}", self.0, self.1)
    }

    fn parse(&self, text: &str) -> Option<N> {
        text.parse().ok().filter(|number| (self.0..=self.1).contains(number))
    }

    fn show(&self, value: &N) -> String {
        value.to_string()
    }
}

/// A duration, given as a whole number of a unit.
pub(super) struct WholeUnits {
    unit: &'static str,
    unit_seconds: u64,
    range: Between<u64>,
}

pub(super) const fn seconds(min: u64, max: u64) -> WholeUnits {
    WholeUnits { unit: "seconds", unit_seconds: 1, range: Between(min, max) }
}

pub(super) const fn minutes(min: u64, max: u64) -> WholeUnits {
    WholeUnits { unit: "minutes", unit_seconds: 60, range: Between(min, max) }
}

pub(super) const fn hours(min: u64, max: u64) -> WholeUnits {
    WholeUnits { unit: "hours", unit_seconds: 3600, range: Between(min, max) }
}

pub(super) const fn days(min: u64, max: u64) -> WholeUnits {
    WholeUnits { unit: "days", unit_seconds: 86_400, range: Between(min, max) }
}

impl Kind<Duration> for WholeUnits {
    fn allowed(&self) -> String {
        self.range.allowed()
    }

    fn parse(&self, text: &str) -> Option<Duration> {
        Some(Duration::from_secs(self.range.parse(text)? * self.unit_seconds))
    }

    fn show(&self, value: &Duration) -> String {
        (value.as_secs() / self.unit_seconds).to_string()
    }

    fn unit(&self) -> &'static str {
        self.unit
    }
}

/// True or false.
pub(super) struct Switch;

impl Kind<bool> for Switch {
    fn allowed(&self) -> String {
        "true or false".to_owned()
    }

    fn parse(&self, text: &str) -> Option<bool> {
        match text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// The work factor of bcrypt.
pub(super) struct BcryptCost;

impl Kind<HashCost> for BcryptCost {
    fn allowed(&self) -> String {
        format!("a number from {} to {}", HashCost::MIN, HashCost::MAX)
    }

    fn parse(&self, text: &str) -> Option<HashCost> {
        HashCost::parse(text.parse().ok()?).ok()
    }

    fn show(&self, value: &HashCost) -> String {
        value.get().to_string()
    }
}

/// A value of another kind, or none if the text is empty.
pub(super) struct Optional<K>(pub(super) K);

impl<T, K: Kind<T>> Kind<Option<T>> for Optional<K> {
    fn allowed(&self) -> String {
        self.0.allowed()
    }

    fn parse(&self, text: &str) -> Option<Option<T>> {
        if text.is_empty() { Some(None) } else { self.0.parse(text).map(Some) }
    }

    fn show(&self, value: &Option<T>) -> String {
        value.as_ref().map_or_else(|| NOT_SET.to_owned(), |value| self.0.show(value))
    }

    fn unit(&self) -> &'static str {
        self.0.unit()
    }

    fn secrecy(&self) -> Secrecy {
        self.0.secrecy()
    }
}

/// A key, or a token.
pub(super) struct SecretText;

impl Kind<Secret> for SecretText {
    fn allowed(&self) -> String {
        format!("at least {SECRET_CHARS_MIN} random characters, such as `openssl rand -hex 32` makes")
    }

    fn parse(&self, text: &str) -> Option<Secret> {
        (text.chars().count() >= SECRET_CHARS_MIN).then(|| Secret::new(text))
    }

    fn show(&self, _: &Secret) -> String {
        NOT_SHOWN.to_owned()
    }

    fn secrecy(&self) -> Secrecy {
        Secrecy::Secret
    }
}

/// Keys, separated by commas.
pub(super) struct SecretList;

impl Kind<Vec<Secret>> for SecretList {
    fn allowed(&self) -> String {
        format!("secrets of at least {SECRET_CHARS_MIN} characters, separated by commas")
    }

    fn parse(&self, text: &str) -> Option<Vec<Secret>> {
        items(text).map(|item| SecretText.parse(item)).collect()
    }

    fn show(&self, value: &Vec<Secret>) -> String {
        if value.is_empty() { NOT_SET } else { NOT_SHOWN }.to_owned()
    }

    fn secrecy(&self) -> Secrecy {
        Secrecy::Secret
    }
}

/// The path of a file. The field says what the file must be; whoever reads the file checks that.
pub(super) struct FilePath(pub(super) &'static str);

impl Kind<PathBuf> for FilePath {
    fn allowed(&self) -> String {
        self.0.to_owned()
    }

    fn parse(&self, text: &str) -> Option<PathBuf> {
        Some(text.into())
    }

    fn show(&self, value: &PathBuf) -> String {
        value.display().to_string()
    }
}

/// Paths of files, separated by commas.
pub(super) struct PathList(pub(super) &'static str);

impl Kind<Vec<PathBuf>> for PathList {
    fn allowed(&self) -> String {
        self.0.to_owned()
    }

    fn parse(&self, text: &str) -> Option<Vec<PathBuf>> {
        Some(items(text).map(PathBuf::from).collect())
    }

    fn show(&self, value: &Vec<PathBuf>) -> String {
        value.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// A URL that starts with one of several prefixes. The libraries that open it check the rest.
pub(super) struct PrefixedUrl {
    pub(super) prefixes: &'static [&'static str],
    pub(super) allowed: &'static str,
}

impl Kind<Secret> for PrefixedUrl {
    fn allowed(&self) -> String {
        self.allowed.to_owned()
    }

    fn parse(&self, text: &str) -> Option<Secret> {
        let is_known = self.prefixes.iter().any(|prefix| text.starts_with(prefix));
        is_known.then(|| Secret::new(text))
    }

    fn show(&self, value: &Secret) -> String {
        value.without_password()
    }

    fn secrecy(&self) -> Secrecy {
        Secrecy::UrlWithPassword
    }
}

/// The address of a collector of traces. Only plain HTTP: the collector runs beside the server or in its network.
pub(super) struct CollectorUrl;

impl Kind<Secret> for CollectorUrl {
    fn allowed(&self) -> String {
        "the address of a collector of OTLP over HTTP, such as http://127.0.0.1:4318".to_owned()
    }

    fn parse(&self, text: &str) -> Option<Secret> {
        let url = Url::parse(text).ok()?;
        (url.scheme() == "http" && url.has_host()).then(|| Secret::new(url))
    }

    fn show(&self, value: &Secret) -> String {
        value.without_password()
    }

    fn secrecy(&self) -> Secrecy {
        Secrecy::UrlWithPassword
    }
}
