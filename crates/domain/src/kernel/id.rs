//! Identifiers: one newtype per kind of record, so that the compiler rejects a user's id where an incident's is
//! expected. All are UUIDv7 (RFC 9562), which sort by the time of their creation.
//!
//! Each context declares the identifiers of its own records. This file declares those that the kernel or several
//! contexts use.

/// Declares the identifier of a kind of record.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps an identifier made by an [`IdGenerator`](crate::kernel::IdGenerator) or read from storage.
            pub const fn new(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID, for storage and wire formats.
            pub const fn as_uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl $crate::kernel::RecordKey for $name {
            fn referent(&self) -> Option<uuid::Uuid> {
                Some(self.0)
            }
        }

        impl $crate::kernel::RecordId for $name {
            const KIND: $crate::kernel::RecordKind = $crate::kernel::RecordKind::new($kind);

            fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    };
}
pub(crate) use identifier;

identifier!(
    /// Identifies a [`User`](crate::identity::User).
    UserId, "user"
);
identifier!(
    /// Identifies a [`Session`](crate::identity::Session).
    SessionId, "session"
);
identifier!(
    /// Identifies an [`ApiToken`](crate::identity::ApiToken).
    ApiTokenId, "api_token"
);
identifier!(
    /// Identifies a [`Task`](crate::work::Task).
    TaskId, "task"
);
