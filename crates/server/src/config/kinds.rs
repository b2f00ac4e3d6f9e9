//! The kinds of settings: how a text is read and checked, and how a value is shown.

use std::{
    collections::HashSet,
    fmt::Display,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use incident_security::HashCost;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::url_passwords::without_password;

/// The minimum length of a secret, in characters.
const SECRET_CHARS_MIN: usize = 32;

/// The minimum number of different characters in a secret. A random one has more; a repeated or counted one is no secret.
const SECRET_DIFFERENT_CHARS_MIN: usize = 8;

const PER_MINUTE_MAX: NonZeroU32 = NonZeroU32::new(10_000_000).expect("ten million is not zero");

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
pub(super) struct Kind<T> {
    /// What is allowed, as the end of the sentence "`NAME` must be …".
    pub(super) allowed: String,
    /// The unit of a number, or an empty text.
    pub(super) unit: &'static str,
    /// Whether values may be shown.
    pub(super) secrecy: Secrecy,
    /// Reads a value from text without surrounding spaces; `None` if it is not allowed.
    pub(super) parse: Parse<T>,
    /// Returns a value as text that may be shown.
    pub(super) show: Box<dyn Fn(&T) -> String>,
}

/// Reads a value from text.
type Parse<T> = Box<dyn Fn(&str) -> Option<T>>;

impl<T> Kind<T> {
    fn new(
        allowed: impl Into<String>,
        parse: impl Fn(&str) -> Option<T> + 'static,
        show: impl Fn(&T) -> String + 'static,
    ) -> Self {
        let (parse, show) = (Box::new(parse), Box::new(show));
        Self { allowed: allowed.into(), unit: "", secrecy: Secrecy::Public, parse, show }
    }

    fn with_secrecy(self, secrecy: Secrecy) -> Self {
        Self { secrecy, ..self }
    }
}

/// A value whose type can read and write it as text.
pub(super) fn parsed<T: FromStr + Display + 'static>(allowed: &str) -> Kind<T> {
    Kind::new(allowed, |text| text.parse().ok(), T::to_string)
}

/// A number from a minimum to a maximum.
pub(super) fn between<N: Copy + FromStr + PartialOrd + Display + 'static>(min: N, max: N) -> Kind<N> {
    let parse = move |text: &str| text.parse().ok().filter(|number| (min..=max).contains(number));
    Kind::new(format!("a number from {min} to {max}"), parse, N::to_string)
}

/// A number of events per minute.
pub(super) fn per_minute() -> Kind<NonZeroU32> {
    between(NonZeroU32::MIN, PER_MINUTE_MAX)
}

/// A number of threads.
pub(super) fn threads() -> Kind<NonZeroUsize> {
    parsed("a number of threads, at least 1")
}

/// A duration, given as a whole number of seconds.
pub(super) fn seconds(min: u64, max: u64) -> Kind<Duration> {
    whole_units("seconds", 1, min, max)
}

/// A duration, given as a whole number of minutes.
pub(super) fn minutes(min: u64, max: u64) -> Kind<Duration> {
    whole_units("minutes", 60, min, max)
}

/// A duration, given as a whole number of hours.
pub(super) fn hours(min: u64, max: u64) -> Kind<Duration> {
    whole_units("hours", 3600, min, max)
}

/// A duration, given as a whole number of days.
pub(super) fn days(min: u64, max: u64) -> Kind<Duration> {
    whole_units("days", 86_400, min, max)
}

fn whole_units(unit: &'static str, unit_seconds: u64, min: u64, max: u64) -> Kind<Duration> {
    let Kind { allowed, parse, .. } = between(min, max);
    let parse = move |text: &str| Some(Duration::from_secs(parse(text)? * unit_seconds));
    let show = move |value: &Duration| (value.as_secs() / unit_seconds).to_string();
    Kind { unit, ..Kind::new(allowed, parse, show) }
}

/// True or false.
pub(super) fn switch() -> Kind<bool> {
    let parse = |text: &str| match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    };
    Kind::new("true or false", parse, bool::to_string)
}

/// The work factor of bcrypt.
pub(super) fn bcrypt_cost() -> Kind<HashCost> {
    let Kind { allowed, parse, .. } = between(HashCost::MIN, HashCost::MAX);
    Kind::new(allowed, move |text| HashCost::parse(parse(text)?).ok(), |cost| cost.get().to_string())
}

/// A value of another kind, or none if the text is empty.
pub(super) fn optional<T: 'static>(kind: Kind<T>) -> Kind<Option<T>> {
    let Kind { allowed, unit, secrecy, parse, show } = kind;
    let parse = move |text: &str| if text.is_empty() { Some(None) } else { parse(text).map(Some) };
    let show = move |value: &Option<T>| value.as_ref().map_or_else(|| "(not set)".to_owned(), &show);
    Kind { unit, ..Kind::new(allowed, parse, show).with_secrecy(secrecy) }
}

/// A key, or a token.
pub(super) fn secret() -> Kind<SecretString> {
    let allowed = format!("at least {SECRET_CHARS_MIN} random characters, such as `openssl rand -hex 32` makes");
    Kind::new(allowed, parse_secret, |_| "(set, not shown)".to_owned()).with_secrecy(Secrecy::Secret)
}

/// Keys, separated by commas.
pub(super) fn secret_list() -> Kind<Vec<SecretString>> {
    let allowed = format!("secrets of at least {SECRET_CHARS_MIN} characters, separated by commas");
    let show =
        |secrets: &Vec<SecretString>| if secrets.is_empty() { "(not set)" } else { "(set, not shown)" }.to_owned();
    Kind::new(allowed, |text| items(text).map(parse_secret).collect(), show).with_secrecy(Secrecy::Secret)
}

fn parse_secret(text: &str) -> Option<SecretString> {
    let different: HashSet<char> = text.chars().collect();
    let is_secret = text.chars().count() >= SECRET_CHARS_MIN && different.len() >= SECRET_DIFFERENT_CHARS_MIN;
    is_secret.then(|| text.into())
}

/// The path of a file. Its content is checked when the file is read.
pub(super) fn file(allowed: &str) -> Kind<PathBuf> {
    Kind::new(allowed, |text| Some(text.into()), |path: &PathBuf| path.display().to_string())
}

/// Paths of files, separated by commas.
pub(super) fn files(allowed: &str) -> Kind<Vec<PathBuf>> {
    let show = |paths: &Vec<PathBuf>| {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        paths.join(", ")
    };
    Kind::new(allowed, |text| Some(items(text).map(PathBuf::from).collect()), show)
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// A URL that starts with one of several prefixes. The library that opens it checks the rest.
pub(super) fn url_with(prefixes: &'static [&str], allowed: &str) -> Kind<SecretString> {
    url(allowed, |text| prefixes.iter().any(|prefix| text.starts_with(prefix)).then(|| text.into()))
}

/// The address of a collector of traces. Only plain HTTP: the collector runs beside the server or in its network.
pub(super) fn collector_url() -> Kind<SecretString> {
    url("the address of a collector of OTLP over HTTP, such as http://127.0.0.1:4318", |text| {
        let url = Url::parse(text).ok()?;
        (url.scheme() == "http" && url.has_host()).then(|| String::from(url).into())
    })
}

fn url(allowed: &str, parse: impl Fn(&str) -> Option<SecretString> + 'static) -> Kind<SecretString> {
    Kind::new(allowed, parse, |url: &SecretString| without_password(url.expose_secret()))
        .with_secrecy(Secrecy::UrlWithPassword)
}
