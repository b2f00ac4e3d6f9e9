//! The stored records of one kind.

use incident_domain::kernel::{Record, Reference, UniqueValue};

use crate::undo_map::{Undo, UndoMap};

/// The records of one kind by id, with an index of their unique values and one of their references.
pub(crate) struct Table<R: Record> {
    rows: UndoMap<R::Id, R>,
    by_value: UndoMap<UniqueValue, R::Id>,
    by_reference: UndoMap<(Reference, Referrer<R::Id>), ()>,
}

/// A record that refers to another; the first and last variants are bounds for a range over all of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Referrer<I> {
    BeforeAll,
    Record(I),
    AfterAll,
}

impl<R: Record> Table<R> {
    /// Inserts a record, or replaces the one with its id.
    pub(crate) fn put(&mut self, record: R) {
        let id = record.id();
        self.remove_from_indexes(&id);
        for value in record.unique_values() {
            self.by_value.put(value, id.clone());
        }
        for reference in record.references() {
            self.by_reference.put((reference, Referrer::Record(id.clone())), ());
        }
        self.rows.put(id, record);
    }

    /// Removes a record; does nothing if it is absent.
    pub(crate) fn remove(&mut self, id: &R::Id) {
        self.remove_from_indexes(id);
        self.rows.remove(id);
    }

    fn remove_from_indexes(&mut self, id: &R::Id) {
        let Some(stored) = self.rows.get(id) else { return };
        for value in stored.unique_values() {
            self.by_value.remove(&value);
        }
        for reference in stored.references() {
            self.by_reference.remove(&(reference, Referrer::Record(id.clone())));
        }
    }

    /// Returns the record with this id.
    pub(crate) fn get(&self, id: &R::Id) -> Option<&R> {
        self.rows.get(id)
    }

    /// Returns the records with these ids that exist, each once, by id.
    pub(crate) fn get_many<'a>(&self, ids: impl IntoIterator<Item = &'a R::Id>) -> Vec<R> {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.get(id)).cloned().collect()
    }

    /// Returns all records, by id.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &R> + Clone {
        self.rows.values()
    }

    /// Returns the id of the record that has this unique value.
    pub(crate) fn id_of(&self, value: &UniqueValue) -> Option<&R::Id> {
        self.by_value.get(value)
    }

    /// Returns the record that has this unique value.
    pub(crate) fn with_value(&self, value: &UniqueValue) -> Option<&R> {
        self.id_of(value).and_then(|id| self.get(id))
    }

    /// Returns the records whose unique value lies in a range, in the order of the values: part by part, byte by byte.
    pub(crate) fn with_value_in(
        &self,
        first: UniqueValue,
        last: UniqueValue,
    ) -> impl DoubleEndedIterator<Item = &R> + Clone {
        self.by_value.range(first..=last).filter_map(|(_, id)| self.get(id))
    }

    /// Returns the records that hold a reference, by id.
    pub(crate) fn referring(&self, reference: Reference) -> impl DoubleEndedIterator<Item = &R> + Clone {
        let referrers = (reference, Referrer::BeforeAll)..(reference, Referrer::AfterAll);
        self.by_reference.range(referrers).filter_map(|((_, referrer), ())| match referrer {
            Referrer::Record(id) => self.get(id),
            Referrer::BeforeAll | Referrer::AfterAll => None,
        })
    }
}

impl<R: Record> Undo for Table<R> {
    fn keep(&mut self) {
        self.rows.keep();
        self.by_value.keep();
        self.by_reference.keep();
    }

    fn undo(&mut self) {
        self.rows.undo();
        self.by_value.undo();
        self.by_reference.undo();
    }
}

impl<R: Record> Default for Table<R> {
    fn default() -> Self {
        Self { rows: UndoMap::default(), by_value: UndoMap::default(), by_reference: UndoMap::default() }
    }
}
