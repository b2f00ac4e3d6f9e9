//! The closed list of records; the crate documentation describes how to add one.

use crate::kernel::{Listed, Listing, Record, RecordKind, Reference, Repository, UniqueValue, Version, Versioned};
pub use crate::{
    catalog::Service,
    identity::{ApiToken, RefreshToken, Session, User},
    incidents::{Incident, TimelineEntry},
    kernel::{Action, Event, Job, StoredReply},
    work::{Category, SavedView, Task},
};

/// Declares the enums of records and the macros that dispatch over them. `$d` is a dollar sign, which the generated
/// macros need.
macro_rules! records {
    (
        ($d:tt)
        insertable { $($record:ident),+ $(,)? }
        editable { $($editable:ident),+ $(,)? }
        ordinary { $($ordinary:ident),* $(,)? }
    ) => {
        /// A record of any kind, to insert.
        #[derive(Clone, Debug, PartialEq)]
        pub enum AnyRecord {
            $(#[doc = concat!("See [`", stringify!($record), "`].")] $record(Box<$record>)),+
        }

        $(impl From<$record> for AnyRecord {
            fn from(record: $record) -> Self {
                Self::$record(Box::new(record))
            }
        })+

        /// A record of any kind that can be updated and deleted. Incidents have their own changes.
        #[derive(Clone, Debug, PartialEq)]
        pub enum EditableRecord {
            $(#[doc = concat!("See [`", stringify!($editable), "`].")] $editable(Box<$editable>)),+
        }

        /// The identifier of a record that can be updated and deleted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EditableId {
            $(#[doc = concat!("See [`", stringify!($editable), "`].")] $editable(<$editable as Record>::Id)),+
        }

        $(impl Editable for $editable {
            fn into_editable(self) -> EditableRecord {
                EditableRecord::$editable(Box::new(self))
            }

            fn editable_id(id: Self::Id) -> EditableId {
                EditableId::$editable(id)
            }
        })+

        /// Reads every ordinary record.
        pub trait OrdinaryRepositories:
            Send + Sync $(+ Repository<$ordinary> + Listing<$ordinary>)*
        {
        }

        impl<T> OrdinaryRepositories for T
        where
            T: Send + Sync $(+ Repository<$ordinary> + Listing<$ordinary>)*
        {
        }

        $(impl Ordinary for $ordinary {
            fn repository(all: &dyn OrdinaryRepositories) -> &dyn Repository<Self> {
                all
            }

            fn listing(all: &dyn OrdinaryRepositories) -> &dyn Listing<Self> {
                all
            }
        })*

        /// Evaluates one expression for the record in an [`AnyRecord`]: `match_record!(any, record => f(record))`.
        #[macro_export]
        macro_rules! match_record {
            ($d any:expr, $d name:pat => $d body:expr) => {
                match $d any { $($crate::write::AnyRecord::$record($d name) => $d body),+ }
            };
        }

        /// Evaluates one expression for the record in an [`EditableRecord`].
        #[macro_export]
        macro_rules! match_editable {
            ($d any:expr, $d name:pat => $d body:expr) => {
                match $d any { $($crate::write::EditableRecord::$editable($d name) => $d body),+ }
            };
        }

        /// Evaluates one expression for the identifier in an [`EditableId`], with the type of its record:
        /// `match_editable_id!(id, (id, R) => f::<R>(id))`.
        #[macro_export]
        macro_rules! match_editable_id {
            ($d any:expr, ($d name:pat, $d kind:ident) => $d body:expr) => {
                match $d any {
                    $($crate::write::EditableId::$editable($d name) => {
                        type $d kind = $crate::write::records::$editable;
                        $d body
                    }),+
                }
            };
        }

        /// Passes the list of all records, in the order in which a batch may insert them, to a macro:
        /// `for_every_record!(m)` is `m! { User, Session, … }`.
        #[macro_export]
        macro_rules! for_every_record {
            ($d make:ident) => {
                $d make! { $($record),+ }
            };
        }

        impl AnyRecord {
            /// The kinds, in the order in which a batch may insert them: a record comes after those that it refers to.
            pub const KINDS: &[RecordKind] = &[$(<$record as Record>::KIND),+];
        }
    };
}

records! {
    ($)
    insertable {
        User, Service, Session, RefreshToken, ApiToken, SavedView, Category, Incident, Task, TimelineEntry, Action, Job,
        StoredReply, Event,
    }
    editable { User, Service, SavedView, Category, Task, Job }
    ordinary { Service }
}

/// A record that can be updated and deleted by its version.
pub trait Editable: Versioned {
    /// Wraps the record.
    fn into_editable(self) -> EditableRecord;

    /// Wraps an identifier.
    fn editable_id(id: Self::Id) -> EditableId;
}

/// An editable record that is read by id and by its list only, so that it needs no port of its own.
pub trait Ordinary: Editable + Listed + Into<AnyRecord> {
    /// Returns the port that reads it by id.
    fn repository(all: &dyn OrdinaryRepositories) -> &dyn Repository<Self>;

    /// Returns the port that reads its list.
    fn listing(all: &dyn OrdinaryRepositories) -> &dyn Listing<Self>;
}

impl AnyRecord {
    /// Returns the kind of the record.
    pub fn kind(&self) -> RecordKind {
        fn kind_of<R: Record>(_: &R) -> RecordKind {
            R::KIND
        }
        match_record!(self, record => kind_of(&**record))
    }

    /// Returns the references of the record.
    pub fn references(&self) -> Vec<Reference> {
        match_record!(self, record => record.references())
    }

    /// Returns the values that no other record of its kind may have.
    pub fn unique_values(&self) -> Vec<UniqueValue> {
        match_record!(self, record => record.unique_values())
    }
}

impl EditableRecord {
    /// Returns the identifier of the record.
    pub fn id(&self) -> EditableId {
        fn id_of<R: Editable>(record: &R) -> EditableId {
            R::editable_id(record.id())
        }
        match_editable!(self, record => id_of(&**record))
    }

    /// Returns the references of the record.
    pub fn references(&self) -> Vec<Reference> {
        match_editable!(self, record => record.references())
    }

    /// Returns the new version of the record.
    pub fn version(&self) -> Version {
        match_editable!(self, record => record.version())
    }
}

impl EditableId {
    /// Returns a reference to the record.
    pub fn as_reference(self) -> Reference {
        match_editable_id!(self, (id, R) => Reference::to::<<R as Record>::Id>(id))
    }

    /// Returns the kind of the record.
    pub fn kind(self) -> RecordKind {
        self.as_reference().kind
    }
}
