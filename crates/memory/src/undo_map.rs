//! A map whose writes can be undone until they are kept.

use std::{collections::BTreeMap, ops::Deref};

/// An ordered map with an undo log: a refused change set costs what it wrote, not what is stored.
pub(crate) struct UndoMap<K, V> {
    entries: BTreeMap<K, V>,
    /// The former value of each key that was written, in the order of writing.
    overwritten: Vec<(K, Option<V>)>,
}

/// Something whose writes can be undone until they are kept.
pub(crate) trait Undo {
    /// Makes every write so far permanent.
    fn keep(&mut self);

    /// Undoes every write since the last `keep`.
    fn undo(&mut self);
}

impl<K: Ord + Clone, V> UndoMap<K, V> {
    /// Sets the value of a key.
    pub(crate) fn put(&mut self, key: K, value: V) {
        let former = self.entries.insert(key.clone(), value);
        self.overwritten.push((key, former));
    }

    /// Removes a key; does nothing if it is absent.
    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((key, former)) = self.entries.remove_entry(key) {
            self.overwritten.push((key, Some(former)));
        }
    }
}

impl<K: Ord, V> Undo for UndoMap<K, V> {
    fn keep(&mut self) {
        self.overwritten.clear();
    }

    fn undo(&mut self) {
        while let Some((key, former)) = self.overwritten.pop() {
            match former {
                Some(value) => self.entries.insert(key, value),
                None => self.entries.remove(&key),
            };
        }
    }
}

impl<K, V> Default for UndoMap<K, V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), overwritten: Vec::new() }
    }
}

/// Gives read access to the map.
impl<K, V> Deref for UndoMap<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undo_restores_what_was_kept_however_often_a_key_was_written() {
        let mut map = UndoMap::default();
        map.put("kept", 1);
        map.put("removed", 2);
        map.keep();

        map.put("kept", 3);
        map.put("kept", 4);
        map.remove(&"removed");
        map.put("removed", 5);
        map.put("new", 6);
        map.remove(&"new");
        map.remove(&"absent");
        map.undo();

        assert_eq!(*map, BTreeMap::from([("kept", 1), ("removed", 2)]));
    }
}
