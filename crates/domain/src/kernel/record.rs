//! Records: values that are stored as one row, with their keys and references.

use std::{
    fmt::{self, Debug},
    hash::Hash,
};

use uuid::Uuid;

use super::Version;

/// The name of a kind of record in code, tables, the audit, events and errors: `saved_view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(&'static str);

impl RecordKind {
    /// Names a kind in `snake_case`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Returns the name: `saved_view`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Formats the name with spaces: `saved view`.
impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace('_', " "))
    }
}

/// What identifies a record among its kind.
pub trait RecordKey: Clone + Debug + Eq + Ord + Hash + Send + Sync + 'static {
    /// Returns the UUID by which other records can refer to the record; `None` if none can.
    fn referent(&self) -> Option<Uuid>;
}

/// The identifier of a kind of record that others can refer to.
pub trait RecordId: RecordKey + Copy {
    /// The kind of record.
    const KIND: RecordKind;

    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;

    /// Returns the UUID.
    fn uuid(self) -> Uuid;
}

/// A value with an identifier that is stored as one row.
pub trait Record: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// The identifier, unique among the records of the kind.
    type Id: RecordKey;

    /// The kind.
    const KIND: RecordKind;

    /// The unique key that a second record with the same identifier violates.
    const ID_KEY: UniqueKey = UniqueKey::ID;

    /// Returns the identifier.
    fn id(&self) -> Self::Id;

    /// Returns the records that must exist when this one is stored, in the order in which they are checked.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Returns the values that no other record of the kind may have, besides the identifier.
    fn unique_values(&self) -> Vec<UniqueValue> {
        Vec::new()
    }

    /// Returns the record as the deletion of the record that a [`Clear`](OnDelete::Clear) reference names leaves it:
    /// with that reference empty and everything else, its version included, as it was.
    #[must_use]
    fn without_reference(&self, _deleted: &Reference) -> Self {
        self.clone()
    }
}

/// A record that can change, with a version that counts its changes.
pub trait Versioned: Record<Id: RecordId> {
    /// Returns the version.
    fn version(&self) -> Version;
}

/// A reference to another record, with the effect that the deletion of that record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The kind of the other record.
    pub kind: RecordKind,
    /// The identifier of the other record.
    pub id: Uuid,
    /// The effect of its deletion.
    pub on_delete: OnDelete,
}

/// The effect of a record's deletion on the records that refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnDelete {
    /// The deletion is refused.
    Restrict,
    /// The referring records are deleted too.
    Cascade,
    /// The references are emptied; the versions of the referring records stay.
    Clear,
}

impl Reference {
    /// Makes a reference to a record that cannot be deleted while the reference exists.
    pub fn to<I: RecordId>(id: I) -> Self {
        Self { kind: I::KIND, id: id.uuid(), on_delete: OnDelete::Restrict }
    }

    /// Makes a reference to the owner, whose deletion also deletes the referring record.
    pub fn to_owner<I: RecordId>(id: I) -> Self {
        Self { on_delete: OnDelete::Cascade, ..Self::to(id) }
    }

    /// Makes a reference that the deletion of the other record empties.
    pub fn weak<I: RecordId>(id: I) -> Self {
        Self { on_delete: OnDelete::Clear, ..Self::to(id) }
    }
}

/// A key that is unique among the records of a kind, by its name in words: `category name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueKey(&'static str);

impl UniqueKey {
    /// The identifier of a record of any kind.
    pub const ID: Self = Self("id");

    /// Names a key.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
}

impl fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A value of a unique key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueValue {
    /// The key.
    pub key: UniqueKey,
    /// The parts of the value.
    pub parts: Vec<Vec<u8>>,
}

impl UniqueValue {
    /// Makes the value of a key from its parts.
    pub fn new<const PARTS: usize>(key: UniqueKey, parts: [&[u8]; PARTS]) -> Self {
        Self { key, parts: parts.map(<[u8]>::to_vec).to_vec() }
    }
}
