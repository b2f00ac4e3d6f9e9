//! Writers of one thing line up, so that many of them on a hot one take turns instead of refusing
//! one another. It spares work inside one process; what is correct is decided by the store.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hash, RandomState},
};

use tokio::sync::{Mutex, MutexGuard};

/// Two things rarely share a queue, and it costs little when they do.
const QUEUES: usize = 1024;

pub(crate) struct Queues {
    queues: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Queues {
    pub(crate) fn new() -> Self {
        Self { queues: (0..QUEUES).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits until nobody before us writes this thing; fair, first come, first served.
    pub(crate) async fn line_up(&self, thing: impl Hash) -> MutexGuard<'_, ()> {
        self.queues[self.queue_of(thing)].lock().await
    }

    /// Waits for a turn on each of these things. Whoever wants several takes them in the order of their queues, so that
    /// nobody waits in a circle.
    pub(crate) async fn line_up_for_each(
        &self,
        things: impl IntoIterator<Item = impl Hash>,
    ) -> Vec<MutexGuard<'_, ()>> {
        let queues: BTreeSet<usize> = things.into_iter().map(|thing| self.queue_of(thing)).collect();
        let mut turns = Vec::with_capacity(queues.len());
        for queue in queues {
            turns.push(self.queues[queue].lock().await);
        }
        turns
    }

    fn queue_of(&self, thing: impl Hash) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let bits = self.hasher.hash_one(thing) as usize;
        bits % QUEUES
    }
}
