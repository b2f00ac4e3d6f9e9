//! The closed list of records. To add one, implement [`Record`](crate::kernel::Record) for it (and
//! [`Versioned`](crate::kernel::Versioned) if it can be changed) and name it here; the compiler then reports what the
//! adapters lack.

use crate::kernel::{Record, RecordKind, Reference, UniqueValue, Version, Versioned};
pub use crate::{
    identity::{ApiToken, RefreshToken, Session, User},
    incidents::{Incident, TimelineEntry},
    kernel::{Action, Event, Job, StoredReply},
    work::{Category, SavedView, Task},
};

/// Declares the enums of records and the macros that dispatch over them. `$d` is a dollar sign, which the generated
/// macros need.
macro_rules! records {
    (($d:tt) insertable { $($record:ident),+ $(,)? } editable { $($editable:ident),+ $(,)? }) => {
        /// A record of any kind, to be inserted.
        #[derive(Clone, Debug, PartialEq)]
        pub enum AnyRecord {
            $(#[doc = concat!("See [`", stringify!($record), "`].")] $record(Box<$record>)),+
        }

        $(impl From<$record> for AnyRecord {
            fn from(record: $record) -> Self {
                Self::$record(Box::new(record))
            }
        })+

        /// A record of any kind that can be updated and deleted. Incidents have changes of their own.
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

        /// Runs one expression for whichever kind an [`AnyRecord`] holds: `match_record!(any, record => f(record))`.
        #[macro_export]
        macro_rules! match_record {
            ($d any:expr, $d name:pat => $d body:expr) => {
                match $d any { $($crate::write::AnyRecord::$record($d name) => $d body),+ }
            };
        }

        /// Runs one expression for whichever kind an [`EditableRecord`] holds.
        #[macro_export]
        macro_rules! match_editable {
            ($d any:expr, $d name:pat => $d body:expr) => {
                match $d any { $($crate::write::EditableRecord::$editable($d name) => $d body),+ }
            };
        }

        /// Runs one expression for whichever kind an [`EditableId`] names, with the record's type:
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

        /// Hands the list of all records, in the order in which a batch may insert them, to a macro:
        /// `for_every_record!(m)` is `m! { User, Session, … }`.
        #[macro_export]
        macro_rules! for_every_record {
            ($d make:path) => {
                $d make! { $($record),+ }
            };
        }

        impl AnyRecord {
            /// The kinds, in the order in which a batch may insert them: what is referred to comes first.
            pub const KINDS: &[RecordKind] = &[$(<$record as Record>::KIND),+];
        }
    };
}

records! {
    ($)
    insertable {
        User, Session, RefreshToken, ApiToken, SavedView, Category, Incident, Task, TimelineEntry, Action, Job,
        StoredReply, Event,
    }
    editable { User, SavedView, Category, Task, Job }
}

/// A record that can be updated and deleted by its version.
pub trait Editable: Versioned {
    /// Wraps the record.
    fn into_editable(self) -> EditableRecord;

    /// Wraps an identifier.
    fn editable_id(id: Self::Id) -> EditableId;
}

impl AnyRecord {
    /// Returns the kind of the record.
    pub fn kind(&self) -> RecordKind {
        fn kind_of<R: Record>(_: &R) -> RecordKind {
            R::KIND
        }
        match_record!(self, record => kind_of(&**record))
    }

    /// Returns what the record refers to.
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

    /// Returns what the record refers to.
    pub fn references(&self) -> Vec<Reference> {
        match_editable!(self, record => record.references())
    }

    /// Returns the version that the record will have.
    pub fn version(&self) -> Version {
        match_editable!(self, record => record.version())
    }
}

impl EditableId {
    /// Returns the record as something that others refer to.
    pub fn as_reference(self) -> Reference {
        match_editable_id!(self, (id, R) => {
            let _kind: RecordKind = R::KIND;
            Reference::to(id)
        })
    }

    /// Returns the kind of the record.
    pub fn kind(self) -> RecordKind {
        self.as_reference().kind
    }
}
