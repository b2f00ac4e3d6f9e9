//! Locks by key: writers of one record in one process wait for one another instead of overtaking one another. They only
//! save work; the store decides what is correct.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hash, RandomState},
};

use tokio::sync::{Mutex, MutexGuard};

/// How many locks there are. Two keys rarely share one, and then one of them waits without need.
const LOCKS: usize = 1024;

/// Locks by key. A task that holds one must not ask for a second one: two keys may share a lock.
pub(crate) struct KeyedLocks {
    locks: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl KeyedLocks {
    pub(crate) fn new() -> Self {
        Self { locks: (0..LOCKS).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits for the lock of a key; first come, first served.
    pub(crate) async fn lock(&self, key: impl Hash) -> MutexGuard<'_, ()> {
        self.locks[self.index_of(key)].lock().await
    }

    /// Waits for the locks of several keys, always in the same order, so that no two tasks wait for one another.
    pub(crate) async fn lock_all(&self, keys: impl IntoIterator<Item = impl Hash>) -> Vec<MutexGuard<'_, ()>> {
        let indices: BTreeSet<usize> = keys.into_iter().map(|key| self.index_of(key)).collect();
        let mut guards = Vec::with_capacity(indices.len());
        for index in indices {
            guards.push(self.locks[index].lock().await);
        }
        guards
    }

    fn index_of(&self, key: impl Hash) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let bits = self.hasher.hash_one(key) as usize;
        bits % LOCKS
    }
}
