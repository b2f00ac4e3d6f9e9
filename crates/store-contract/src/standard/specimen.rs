//! What the standard cases need to know of a kind of record.

use std::fmt::Debug;

use async_trait::async_trait;
use incident_domain::{
    kernel::{Record, RecordId, Repository, UniqueKey, Version, Versioned},
    write::{AnyRecord, ChangeSet},
};
use uuid::Uuid;

use super::World;
use crate::{Ports, scene::Scene};

/// What the table of cases lists for a record or a list. The table implements it.
pub trait CaseGroups {
    /// The groups of standard cases.
    const GROUPS: &'static [&'static str];
}

/// A kind of record with examples.
#[async_trait]
pub trait Specimen: Record + Into<AnyRecord> + CaseGroups {
    /// Makes at least two records that a store accepts together and that refer to records of `world`, none of them
    /// stored yet.
    ///
    /// The first has every reference and every unique value. Between them, each field is at its limits, each optional
    /// field is absent once, and each name of a closed set occurs.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self>;

    /// Returns the record with the value that another one has of the id ([`Record::ID_KEY`]) or of a unique key.
    #[must_use]
    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self;

    /// Returns the record with another id in one of its references, by the index in [`Record::references`].
    #[must_use]
    fn with_reference(self, index: usize, _id: Uuid) -> Self {
        panic!("a {} has no reference {index}", Self::KIND)
    }

    /// Reads the stored record that has the id of this one.
    async fn read(&self, ports: &Ports) -> Option<Self>;

    /// Requires that this is stored under the id of the record: `None`, or the same in every detail. Some types are
    /// equal when they differ in case only, so the debug output is compared too.
    async fn assert_stored(&self, ports: &Ports, expected: Option<&Self>) {
        let read = self.read(ports).await;
        assert_same(&read.as_ref(), &expected);
    }

    /// Requires that the record is stored exactly as it is.
    async fn assert_is_stored(&self, ports: &Ports) {
        self.assert_stored(ports, Some(self)).await;
    }

    /// Requires that no record with its id is stored.
    async fn assert_is_absent(&self, ports: &Ports) {
        self.assert_stored(ports, None).await;
    }
}

/// Requires that two values are the same in every detail.
#[track_caller]
pub(crate) fn assert_same<T: Debug + PartialEq>(read: &T, expected: &T) {
    assert_eq!(read, expected);
    assert_eq!(format!("{read:?}"), format!("{expected:?}"), "they are equal but not the same");
}

/// A record that can be updated and deleted.
pub trait Changeable: Specimen + Versioned {
    /// Returns the record with another version.
    #[must_use]
    fn with_version(self, version: Version) -> Self;

    /// Updates the record to this state; it was read as `read`.
    fn update(self, read: &Self) -> ChangeSet;

    /// Deletes the record, which was read in this state.
    fn delete(&self) -> ChangeSet;
}

/// A record that is found by its id.
pub trait Findable: Specimen<Id: RecordId> {
    /// Returns the repository.
    fn repository(ports: &Ports) -> &dyn Repository<Self>;
}

/// Implements [`Changeable`] for a record that the domain lists as editable.
macro_rules! changeable {
    ($record:ident) => {
        impl $crate::standard::Changeable for $record {
            fn with_version(self, version: incident_domain::kernel::Version) -> Self {
                Self { version, ..self }
            }

            fn update(self, read: &Self) -> incident_domain::write::ChangeSet {
                incident_domain::write::ChangeSet::new().update(self, read.version)
            }

            fn delete(&self) -> incident_domain::write::ChangeSet {
                incident_domain::write::ChangeSet::new().delete(self)
            }
        }
    };
}
pub(crate) use changeable;
