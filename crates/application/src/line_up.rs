//! Writers of one thing line up, so that many of them on a hot one take turns instead of refusing
//! one another. It spares work inside one process; what is correct is decided by the store.

use std::hash::{BuildHasher, Hash, RandomState};

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
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let index = self.hasher.hash_one(thing) as usize % QUEUES;
        self.queues[index].lock().await
    }
}
