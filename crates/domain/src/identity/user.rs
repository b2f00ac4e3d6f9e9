//! The people who work with incidents.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::kernel::{
    PersonName, Record, RecordId as _, RecordKind, Timestamp, UniqueKey, UniqueValue, UserId, Version, Versioned,
    names::named,
};

named!(
    /// What a user may do; each role may do all that the ones before it may.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Also opens, works on and comments incidents.
        Responder = "responder",
        /// Also assigns others, closes, reopens closed incidents and deletes.
        Manager = "manager",
        /// Also manages users and any session.
        Admin = "admin",
    }
);

/// An email address, kept as written and compared without case.
#[derive(Clone, Debug)]
pub struct Email {
    written: String,
    key: String,
}

/// A text that is not an email address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must be an email address of at most {} characters", Email::CHARS_MAX)]
pub struct EmailError;

impl Email {
    /// The most characters an address may have (RFC 5321, section 4.5.3.1.3, less the brackets).
    pub const CHARS_MAX: usize = 254;

    /// Takes an address of the usual form: something, one `@`, a domain. Whether it receives mail, only
    /// mail can tell.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmailError> {
        let written = text.into();
        let (local, domain) = written.split_once('@').ok_or(EmailError)?;
        let printable = !written.chars().any(|c| c.is_whitespace() || c.is_control());
        let whole_domain =
            !domain.is_empty() && !domain.contains('@') && domain.split('.').all(|part| !part.is_empty());
        let short_enough = written.chars().count() <= Self::CHARS_MAX;
        if local.is_empty() || !printable || !whole_domain || !short_enough {
            return Err(EmailError);
        }
        let key = written.to_lowercase();
        Ok(Self { written, key })
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The form in which addresses are compared and unique: lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Email {}

impl std::hash::Hash for Email {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// A password as hashed by [`PasswordHasher`](crate::identity::PasswordHasher); never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps what the hasher made or storage held.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// The hash, for the hasher and for storage only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(secret)")
    }
}

/// A person with an account, or one known from an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their identifier.
    pub id: UserId,
    /// Their address, unique without case.
    pub email: Email,
    /// What they are called.
    pub name: PersonName,
    /// What they may do.
    pub role: Role,
    /// An inactive user can do nothing.
    pub is_active: bool,
    /// Without one, nobody can sign in as this user.
    pub password_hash: Option<PasswordHash>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: Version,
}

/// Changes to a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new address.
    pub email: Option<Email>,
    /// A new name.
    pub name: Option<PersonName>,
    /// Another role.
    pub role: Option<Role>,
    /// Whether they can do anything at all.
    pub is_active: Option<bool>,
    /// A new password, hashed.
    pub password_hash: Option<PasswordHash>,
}

impl User {
    /// Addresses are unique without case.
    pub const EMAIL: UniqueKey = UniqueKey::new("email");

    /// The user with these changes, and one version further if any of them says something new.
    #[must_use]
    pub fn patched(&self, patch: &UserPatch, at: Timestamp) -> Self {
        let mut user = self.clone();
        // Addresses are equal without case; one that is only written differently is a change all the same.
        if let Some(email) = patch.email.as_ref() {
            user.email = email.clone();
        }
        if let Some(name) = &patch.name {
            user.name = name.clone();
        }
        user.role = patch.role.unwrap_or(user.role);
        user.is_active = patch.is_active.unwrap_or(user.is_active);
        if let Some(hash) = &patch.password_hash {
            user.password_hash = Some(hash.clone());
        }
        if user != *self || user.email.as_str() != self.email.as_str() {
            user.version = self.version.next();
            user.updated_at = at;
        }
        user
    }
}

impl Record for User {
    type Id = UserId;
    const KIND: RecordKind = UserId::KIND;

    fn id(&self) -> UserId {
        self.id
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        vec![UniqueValue::new(Self::EMAIL, [self.email.key().as_bytes()])]
    }
}

impl Versioned for User {
    fn version(&self) -> Version {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_kept_as_written() {
        let (written, shouted) = (Email::parse("Ada@Example.org"), Email::parse("ADA@EXAMPLE.ORG"));
        assert_eq!(written, shouted);
        assert_eq!(written.map(|email| email.to_string()), Ok("Ada@Example.org".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(250));
        for text in ["", "@", "ada", "ada@", "@example.org", "a@b@c", "a b@c", "a@b..c", "a@.b", "a\0@b", &long] {
            assert_eq!(Email::parse(text), Err(EmailError), "{text:?}");
        }
    }

    fn ada() -> User {
        let at = Timestamp::from_timestamp_secs(1_700_000_000).unwrap();
        User {
            id: UserId::new(uuid::Uuid::nil()),
            email: Email::parse("ada@example.org").unwrap(),
            name: PersonName::parse("Ada").unwrap(),
            role: Role::Viewer,
            is_active: true,
            password_hash: None,
            created_at: at,
            updated_at: at,
            version: Version::FIRST,
        }
    }

    #[test]
    fn a_patch_that_says_nothing_new_changes_nothing() {
        let ada = ada();
        let later = ada.updated_at + chrono::TimeDelta::days(1);
        let same = UserPatch { email: Some(ada.email.clone()), role: Some(Role::Viewer), ..UserPatch::default() };
        for patch in [UserPatch::default(), same] {
            assert_eq!(ada.patched(&patch, later), ada);
        }
    }

    #[test]
    fn each_field_can_be_patched_and_raises_the_version() {
        let ada = ada();
        let later = ada.updated_at + chrono::TimeDelta::days(1);
        let patches = [
            UserPatch { email: Some(Email::parse("ADA@example.org").unwrap()), ..UserPatch::default() },
            UserPatch { name: Some(PersonName::parse("Lovelace").unwrap()), ..UserPatch::default() },
            UserPatch { role: Some(Role::Admin), ..UserPatch::default() },
            UserPatch { is_active: Some(false), ..UserPatch::default() },
            UserPatch { password_hash: Some(PasswordHash::new("hash")), ..UserPatch::default() },
        ];
        for patch in patches {
            let after = ada.patched(&patch, later);
            assert_eq!((after.version, after.updated_at), (Version::new(2), later), "{patch:?}");
            assert_eq!(after.patched(&patch, later), after, "it is there now: {patch:?}");
        }
    }

    #[test]
    fn a_password_hash_is_not_shown() {
        let shown = format!("{:?}", PasswordHash::new("$2b$12$abc"));
        assert!(!shown.contains("2b"), "{shown}");
    }
}
