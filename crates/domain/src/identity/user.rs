//! Users.

use std::{fmt, str::FromStr};

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::kernel::{
    PersonName, Record, RecordId as _, RecordKind, Role, Timestamp, UniqueKey, UniqueValue, UserId, Version, Versioned,
    is_invisible,
};

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
    /// The most characters (RFC 5321, section 4.5.3.1.3, less the brackets).
    pub const CHARS_MAX: usize = 254;

    /// Parses an address with a local part, one `@` and a domain, and normalizes it (NFC). It does not check that the
    /// address receives mail.
    pub fn parse(text: impl AsRef<str>) -> Result<Self, EmailError> {
        let written: String = text.as_ref().nfc().collect();
        if written.chars().any(is_invisible) {
            return Err(EmailError);
        }
        Self::stored(written)
    }

    /// Takes an address as it was stored, which an earlier release may have kept in another form of Unicode.
    pub fn stored(text: impl Into<String>) -> Result<Self, EmailError> {
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

    /// Returns the address as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Returns the lower-case form, by which addresses are compared and unique.
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

/// A password hashed by [`PasswordHasher`](crate::identity::PasswordHasher); hidden in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a hash made by the hasher or read from storage.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// Returns the hash, for the hasher and for storage only.
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
    /// The identifier.
    pub id: UserId,
    /// The address, unique without case.
    pub email: Email,
    /// The name.
    pub name: PersonName,
    /// The role.
    pub role: Role,
    /// Whether the user can sign in and act.
    pub is_active: bool,
    /// The password hash, without which the user cannot sign in.
    pub password_hash: Option<PasswordHash>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version.
    pub version: Version,
}

/// Changes to a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// The new address.
    pub email: Option<Email>,
    /// The new name.
    pub name: Option<PersonName>,
    /// The new role.
    pub role: Option<Role>,
    /// Whether the user can sign in and act.
    pub is_active: Option<bool>,
    /// The hash of the new password.
    pub password_hash: Option<PasswordHash>,
}

impl User {
    /// The unique key: the address without case.
    pub const EMAIL: UniqueKey = UniqueKey::new("email");

    /// Returns the user with these changes, and with the next version if any of them differs.
    #[must_use]
    pub fn patched(&self, patch: &UserPatch, at: Timestamp) -> Self {
        let mut user = self.clone();
        // Addresses are equal without case, but a different spelling is a change too.
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
            user.updated_at = at.max(self.updated_at);
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
        let (written, upper_case) = (Email::parse("Ada@Example.org"), Email::parse("ADA@EXAMPLE.ORG"));
        assert_eq!(written, upper_case);
        assert_eq!(written.map(|email| email.to_string()), Ok("Ada@Example.org".to_owned()));
    }

    #[test]
    fn a_text_that_is_not_an_address_is_refused() {
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
    fn a_patch_with_equal_values_changes_nothing() {
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
            assert_eq!(after.patched(&patch, later), after, "the same patch again: {patch:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_password_hash() {
        let shown = format!("{:?}", PasswordHash::new("$2b$12$abc"));
        assert!(!shown.contains("2b"), "{shown}");
    }
}
