//! Services: what teams run, and what incidents are about.

use thiserror::Error;

use crate::kernel::{
    Description, Direction, Label, Listed, Patch, Record, RecordId as _, RecordKind, Sort, SortKey, SortPosition,
    TextError, Timestamp, UniqueKey, UniqueValue, Version, Versioned, id::identifier, names::named,
};

identifier!(
    /// Identifies a [`Service`].
    ServiceId, "service"
);

/// The key by which people and alerts name a service: `payments-api`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey(String);

/// A text that is not a [`ServiceKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be 1 to {} of a-z, 0-9, `-`, `_` and `.`, and begin and end with a letter or digit",
    ServiceKey::CHARS_MAX
)]
pub struct ServiceKeyError;

impl ServiceKey {
    /// The most characters.
    pub const CHARS_MAX: usize = 64;

    /// Parses a key of lower-case letters, digits, `-`, `_` and `.` that begins and ends with a letter or digit.
    pub fn parse(text: impl Into<String>) -> Result<Self, ServiceKeyError> {
        let text = text.into();
        let is_letter_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_allowed = |c: char| is_letter_or_digit(c) || matches!(c, '-' | '_' | '.');
        let fits = text.len() <= Self::CHARS_MAX
            && text.starts_with(is_letter_or_digit)
            && text.ends_with(is_letter_or_digit)
            && text.chars().all(is_allowed);
        if fits { Ok(Self(text)) } else { Err(ServiceKeyError) }
    }

    /// Returns the key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

named!(
    /// How important a service is.
    Tier {
        /// The business stops without it.
        One = "tier_1",
        /// Customers notice when it fails.
        Two = "tier_2",
        /// Colleagues notice when it fails.
        Three = "tier_3",
        /// It can wait for a working day.
        Four = "tier_4",
    }
);

/// A link of a service, such as its runbook or dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text to show.
    pub title: Label,
    /// The address.
    pub url: LinkUrl,
}

/// The address of a link: an absolute HTTP or HTTPS URL in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkUrl(String);

/// Why links are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// The address is blank, too long, or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The address is not one of the web.
    #[error("must begin with https:// or http://, and have no spaces")]
    NotAUrl,
    /// There are too many links.
    #[error("must have at most {} links", Links::COUNT_MAX)]
    TooMany,
}

impl LinkUrl {
    /// The most characters.
    pub const CHARS_MAX: usize = 2_000;

    /// Parses an address. It is shown and never requested, so that its host need not exist.
    pub fn parse(text: impl Into<String>) -> Result<Self, LinkError> {
        let text = text.into();
        let chars = text.chars().count();
        if chars > Self::CHARS_MAX {
            return Err(TextError::TooLong { chars_max: Self::CHARS_MAX, chars }.into());
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let has_host = rest.is_some_and(|rest| rest.starts_with(|c: char| !matches!(c, '/' | '?' | '#')));
        if !has_host || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(LinkError::NotAUrl);
        }
        Ok(Self(text))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The links of a service, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(Vec<Link>);

impl Links {
    /// The most links of a service.
    pub const COUNT_MAX: usize = 20;

    /// Checks the number of links.
    pub fn parse(links: Vec<Link>) -> Result<Self, LinkError> {
        if links.len() > Self::COUNT_MAX { Err(LinkError::TooMany) } else { Ok(Self(links)) }
    }

    /// Returns the links in order.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        self.0.iter()
    }
}

/// Something that a team runs and that incidents are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The identifier.
    pub id: ServiceId,
    /// The key, unique.
    pub key: ServiceKey,
    /// The name that people read.
    pub name: Label,
    /// What it does.
    pub description: Option<Description>,
    /// How important it is.
    pub tier: Option<Tier>,
    /// Where to read on.
    pub links: Links,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version.
    pub version: Version,
}

/// The fields of a service to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the service")]
pub struct ServicePatch {
    pub key: Option<ServiceKey>,
    pub name: Option<Label>,
    pub description: Patch<Description>,
    pub tier: Patch<Tier>,
    pub links: Option<Links>,
}

impl Service {
    /// The unique key.
    pub const KEY: UniqueKey = UniqueKey::new("service key");

    /// Returns the service with changes applied, and with the next version if any value differs.
    #[must_use]
    pub fn patched(&self, patch: &ServicePatch, at: Timestamp) -> Self {
        let patched = Self {
            key: patch.key.clone().unwrap_or_else(|| self.key.clone()),
            name: patch.name.clone().unwrap_or_else(|| self.name.clone()),
            description: patch.description.applied_to(self.description.as_ref()),
            tier: patch.tier.applied_to(self.tier.as_ref()),
            links: patch.links.clone().unwrap_or_else(|| self.links.clone()),
            ..self.clone()
        };
        if patched == *self {
            return patched;
        }
        Self { updated_at: at.max(self.updated_at), version: self.version.next(), ..patched }
    }
}

impl Record for Service {
    type Id = ServiceId;
    const KIND: RecordKind = ServiceId::KIND;

    fn id(&self) -> ServiceId {
        self.id
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        vec![UniqueValue::new(Self::KEY, [self.key.as_str().as_bytes()])]
    }
}

impl Versioned for Service {
    fn version(&self) -> Version {
        self.version
    }
}

/// The conditions of a list of services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceFilter {
    /// Any of these tiers; every service if empty.
    pub tiers: Vec<Tier>,
}

impl Listed for Service {
    type Filter = ServiceFilter;
    type SortKey = ServiceSortKey;

    fn matches(&self, filter: &ServiceFilter) -> bool {
        filter.tiers.is_empty() || self.tier.is_some_and(|tier| filter.tiers.contains(&tier))
    }
}

named!(
    /// The keys by which services can be sorted.
    ServiceSortKey {
        /// The key.
        Key = "key",
        /// The time of creation, by id.
        CreatedAt = "created_at",
        /// The time of the last change.
        UpdatedAt = "updated_at",
    }
);

/// The order of a list of services.
pub type ServiceSort = Sort<ServiceSortKey>;

/// By key.
impl Default for ServiceSort {
    fn default() -> Self {
        Self { key: ServiceSortKey::Key, direction: Direction::Ascending }
    }
}

impl SortKey for ServiceSortKey {
    type Item = Service;

    fn position_of(self, service: &Service) -> SortPosition {
        match self {
            Self::Key => SortPosition::Text(service.key.as_str().to_owned()),
            Self::CreatedAt => SortPosition::Id,
            Self::UpdatedAt => SortPosition::Time(service.updated_at),
        }
    }

    fn has(self, position: &SortPosition) -> bool {
        match self {
            Self::Key => matches!(position, SortPosition::Text(_)),
            Self::CreatedAt => matches!(position, SortPosition::Id),
            Self::UpdatedAt => matches!(position, SortPosition::Time(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_lower_case_letters_digits_and_inner_separators() {
        for key in ["a", "7", "payments-api", "eu.checkout_2", &"k".repeat(64)] {
            assert!(ServiceKey::parse(key).is_ok(), "{key}");
        }
        for text in ["", "-a", "a-", "Payments", "a b", "ä", "a/b", &"k".repeat(65)] {
            assert_eq!(ServiceKey::parse(text), Err(ServiceKeyError), "{text}");
        }
    }

    #[test]
    fn a_link_leads_to_an_address_of_the_web() {
        for url in ["https://wiki.example.org/runbook?id=1#top", "http://127.0.0.1:3000"] {
            assert!(LinkUrl::parse(url).is_ok(), "{url}");
        }
        for url in ["", "wiki", "ftp://example.org", "javascript:alert(1)", "https://", "https:///a", "https://a b"] {
            assert_eq!(LinkUrl::parse(url), Err(LinkError::NotAUrl), "{url}");
        }
    }
}
