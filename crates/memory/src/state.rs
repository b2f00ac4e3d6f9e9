//! Everything the store holds, and how records of any kind are inserted, updated and deleted.

#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the list of records is in the domain"))]
use incident_domain::write::records::*;
use incident_domain::{
    for_every_record,
    incidents::KeyCheck,
    kernel::{
        Conflict::{self, Duplicate, InUse, Missing, Stale},
        EventId, Lease, OnDelete, Record, RecordKey as _, RecordKind, Reference, Version, Versioned,
    },
};
use uuid::Uuid;

use crate::{
    table::Table,
    undo_map::{Undo, UndoMap},
};

/// A table for each kind of record, and what is not a record.
#[derive(Default)]
pub(crate) struct State {
    tables: Tables,
    /// Every record that others can refer to.
    referents: UndoMap<(RecordKind, Uuid), ()>,
    /// The event at each position of the log, from 1.
    pub(crate) event_positions: UndoMap<u64, EventId>,
    pub(crate) leases: UndoMap<String, Lease>,
    /// The check values of the keys that sealed timelines, in the order in which they were added.
    pub(crate) key_checks: Vec<KeyCheck>,
}

/// A record that has a table.
pub(crate) trait Stored: Record {
    /// Returns the table.
    fn table(state: &State) -> &Table<Self>;

    /// Returns the table, to be written.
    fn table_mut(state: &mut State) -> &mut Table<Self>;
}

macro_rules! tables {
    ($($record:ident),+) => {
        /// One table for each kind of record.
        #[derive(Default)]
        struct Tables {
            $($record: Table<$record>),+
        }

        $(impl Stored for $record {
            fn table(state: &State) -> &Table<Self> {
                &state.tables.$record
            }

            fn table_mut(state: &mut State) -> &mut Table<Self> {
                &mut state.tables.$record
            }
        })+

        impl State {
            fn parts(&mut self) -> Vec<&mut dyn Undo> {
                vec![
                    $(&mut self.tables.$record,)+
                    &mut self.referents,
                    &mut self.event_positions,
                    &mut self.leases,
                ]
            }

            /// Returns true if a record of any kind holds this reference.
            fn is_held(&self, reference: Reference) -> bool {
                $(self.of::<$record>().referring(reference).next().is_some())||+
            }

            /// Deletes the records of every kind that hold this reference.
            fn delete_holders(&mut self, reference: Reference) -> Result<(), Conflict> {
                $(for record in self.holders::<$record>(reference) {
                    self.delete(&record)?;
                })+
                Ok(())
            }

            /// Empties this reference in the records of every kind that hold it.
            fn clear_holders(&mut self, reference: Reference) {
                $(for record in self.holders::<$record>(reference) {
                    self.put(record.without_reference(&reference));
                })+
            }
        }
    };
}
for_every_record!(tables);

impl State {
    /// Returns the table of a kind of record.
    pub(crate) fn of<R: Stored>(&self) -> &Table<R> {
        R::table(self)
    }

    /// Makes everything that was applied permanent.
    pub(crate) fn keep(&mut self) {
        self.parts().into_iter().for_each(Undo::keep);
    }

    /// Undoes everything that was applied since the last `keep`.
    pub(crate) fn undo(&mut self) {
        self.parts().into_iter().for_each(Undo::undo);
    }

    /// Inserts a record.
    pub(crate) fn insert<R: Stored>(&mut self, record: R) -> Result<(), Conflict> {
        let id = record.id();
        if self.of::<R>().get(&id).is_some() {
            return Err(Duplicate(R::ID_KEY));
        }
        if let Some(uuid) = id.referent() {
            self.referents.put((R::KIND, uuid), ());
        }
        self.put_checked(record)
    }

    /// Replaces a record of which this version is stored.
    pub(crate) fn update<R: Stored + Versioned>(&mut self, record: R, expected: Version) -> Result<(), Conflict> {
        self.expect::<R>(record.id(), expected)?;
        self.put_checked(record)
    }

    /// Deletes a record of which this version is stored.
    pub(crate) fn delete_expected<R: Stored + Versioned>(
        &mut self,
        id: R::Id,
        expected: Version,
    ) -> Result<(), Conflict> {
        let stored = self.expect::<R>(id, expected)?.clone();
        self.delete(&stored)
    }

    /// Returns a record of which this version is stored.
    pub(crate) fn expect<R: Stored + Versioned>(&self, id: R::Id, expected: Version) -> Result<&R, Conflict> {
        let stored = self.of::<R>().get(&id).ok_or(Missing(R::KIND))?;
        if stored.version() == expected { Ok(stored) } else { Err(Stale) }
    }

    /// Deletes a record as [`OnDelete`] says of those that refer to it.
    pub(crate) fn delete<R: Stored>(&mut self, record: &R) -> Result<(), Conflict> {
        let id = record.id();
        let Some(uuid) = id.referent() else {
            R::table_mut(self).remove(&id);
            return Ok(());
        };
        let reference = |on_delete| Reference { kind: R::KIND, id: uuid, on_delete };
        if self.is_held(reference(OnDelete::Restrict)) {
            return Err(InUse(R::KIND));
        }
        R::table_mut(self).remove(&id);
        self.referents.remove(&(R::KIND, uuid));
        self.delete_holders(reference(OnDelete::Cascade))?;
        self.clear_holders(reference(OnDelete::Clear));
        Ok(())
    }

    /// Writes a record that is known to contradict nothing.
    pub(crate) fn put<R: Stored>(&mut self, record: R) {
        R::table_mut(self).put(record);
    }

    /// Changes the records for which a condition is true.
    pub(crate) fn change_all<R: Stored>(&mut self, is_selected: impl Fn(&R) -> bool, change: impl Fn(R) -> R) {
        let selected: Vec<R> = self.of::<R>().all().filter(|record| is_selected(record)).cloned().collect();
        for record in selected {
            self.put(change(record));
        }
    }

    /// Writes a record after a check of its unique values and references.
    pub(crate) fn put_checked<R: Stored>(&mut self, record: R) -> Result<(), Conflict> {
        let id = record.id();
        let is_taken = |holder: Option<&R::Id>| holder.is_some_and(|holder| *holder != id);
        if let Some(value) = record.unique_values().iter().find(|value| is_taken(self.of::<R>().id_of(value))) {
            return Err(Duplicate(value.key));
        }
        let is_missing = |reference: &&Reference| !self.referents.contains_key(&(reference.kind, reference.id));
        if let Some(reference) = record.references().iter().find(is_missing) {
            return Err(Missing(reference.kind));
        }
        self.put(record);
        Ok(())
    }

    fn holders<R: Stored>(&self, reference: Reference) -> Vec<R> {
        self.of::<R>().referring(reference).cloned().collect()
    }
}

/// Converts a limit. On a machine with addresses of fewer than 32 bits a limit that does not fit is no limit.
pub(crate) fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
