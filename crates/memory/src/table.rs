//! A map that can take back what was written to it since it was last asked to keep it.

use std::{collections::BTreeMap, ops::Deref};

/// An ordered map with an undo log, so that a refused set costs what it wrote and not what is stored.
pub(crate) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    /// What stood where something was written, in the order of writing.
    overwritten: Vec<(K, Option<V>)>,
}

/// What all tables can do, whatever they hold.
pub(crate) trait Undo {
    /// Makes everything written so far lasting.
    fn keep(&mut self);

    /// Takes back everything that was written since the last `keep`.
    fn undo(&mut self);
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Writes a row; what stood there before is remembered until it is known whether to keep the new one.
    pub(crate) fn put(&mut self, key: K, value: V) {
        let before = self.rows.insert(key.clone(), value);
        self.overwritten.push((key, before));
    }

    /// Removes a row if there is one.
    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((key, before)) = self.rows.remove_entry(key) {
            self.overwritten.push((key, Some(before)));
        }
    }
}

impl<K: Ord, V> Undo for Table<K, V> {
    fn keep(&mut self) {
        self.overwritten.clear();
    }

    fn undo(&mut self) {
        while let Some((key, before)) = self.overwritten.pop() {
            match before {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), overwritten: Vec::new() }
    }
}

/// Tables are read like the maps they are.
impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoing_brings_back_what_was_kept_however_often_a_row_was_written() {
        let mut table = Table::default();
        table.put("kept", 1);
        table.put("removed", 2);
        table.keep();

        table.put("kept", 3);
        table.put("kept", 4);
        table.remove(&"removed");
        table.put("removed", 5);
        table.put("new", 6);
        table.remove(&"new");
        table.remove(&"never there");
        table.undo();

        assert_eq!(*table, BTreeMap::from([("kept", 1), ("removed", 2)]));
    }
}
