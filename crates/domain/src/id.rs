//! Identifiers: one newtype per kind of thing, so that a user's id cannot stand where an incident's
//! belongs. All are UUIDv7 (RFC 9562), which sort by the time of their creation.

use uuid::Uuid;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an identifier made by an [`IdGenerator`](crate::ports::IdGenerator) or read from storage.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage and wire formats.
            pub const fn as_uuid(self) -> Uuid {
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
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

identifier!(
    /// Identifies an [`Incident`](crate::Incident).
    IncidentId
);
identifier!(
    /// Identifies a [`User`](crate::User).
    UserId
);
identifier!(
    /// Identifies a [`Session`](crate::Session).
    SessionId
);
identifier!(
    /// Identifies a [`TimelineEntry`](crate::TimelineEntry).
    EntryId
);
identifier!(
    /// Identifies an [`Event`](crate::Event).
    EventId
);
identifier!(
    /// Identifies an [`Action`](crate::Action).
    ActionId
);
identifier!(
    /// Identifies a [`RefreshToken`](crate::RefreshToken).
    RefreshTokenId
);
identifier!(
    /// Identifies an [`ApiToken`](crate::ApiToken).
    ApiTokenId
);
identifier!(
    /// Identifies a [`Task`](crate::Task).
    TaskId
);
identifier!(
    /// Identifies a [`Category`](crate::Category).
    CategoryId
);
identifier!(
    /// Identifies a [`SavedView`](crate::SavedView).
    SavedViewId
);
