//! Records: what is stored as one row, with its keys and its references.

use std::{
    fmt::{self, Debug},
    hash::Hash,
};

use super::{UniqueKey, Version};
use uuid::Uuid;

/// The one name of a kind of record in code, tables, the audit, events and errors: `saved_view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(&'static str);

impl RecordKind {
    /// Names a kind in `snake_case`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name: `saved_view`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// The name in words: `saved view`.
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
    /// The kind of record that it identifies.
    const KIND: RecordKind;

    /// Wraps the bare UUID.
    fn from_uuid(uuid: Uuid) -> Self;

    /// Returns the bare UUID.
    fn uuid(self) -> Uuid;
}

/// Something with an identifier that is stored as one row.
pub trait Record: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// What identifies it among its kind.
    type Id: RecordKey;

    /// The kind.
    const KIND: RecordKind;

    /// The key under which a second record with the same identifier is refused.
    const ID_KEY: UniqueKey = UniqueKey::ID;

    /// Returns the identifier.
    fn id(&self) -> Self::Id;

    /// Returns the records that must exist for this one to be stored, in the order in which they are checked.
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

/// A record that changes, and counts its changes.
pub trait Versioned: Record<Id: RecordId> {
    /// Returns how often it has changed.
    fn version(&self) -> Version;
}

/// What a record refers to, and what happens to the record when that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The kind of record referred to.
    pub kind: RecordKind,
    /// Its identifier.
    pub id: Uuid,
    /// What the deletion of the record referred to does.
    pub on_delete: OnDelete,
}

/// What the deletion of a record does to those that refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnDelete {
    /// It is refused: the record is in use.
    Restrict,
    /// It deletes them too.
    Cascade,
    /// It empties the reference; their versions stay.
    Clear,
}

impl Reference {
    /// Refers to a record that cannot be deleted while the reference exists.
    pub fn to<I: RecordId>(id: I) -> Self {
        Self { kind: I::KIND, id: id.uuid(), on_delete: OnDelete::Restrict }
    }

    /// Refers to the owner, with which the record is deleted.
    pub fn to_owner<I: RecordId>(id: I) -> Self {
        Self { on_delete: OnDelete::Cascade, ..Self::to(id) }
    }

    /// Refers to a record whose deletion empties the reference.
    pub fn weak<I: RecordId>(id: I) -> Self {
        Self { on_delete: OnDelete::Clear, ..Self::to(id) }
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
    /// Names the value of a key by its parts.
    pub fn new<const PARTS: usize>(key: UniqueKey, parts: [&[u8]; PARTS]) -> Self {
        Self { key, parts: parts.map(<[u8]>::to_vec).to_vec() }
    }
}
