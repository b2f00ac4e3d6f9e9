//! Look-ups of single rows that share queries. A caller that finds no query running on its thread is the leader and asks
//! at once; callers that come while the leader waits are answered together by the next query.
//!
//! Queries are shared per thread, because waking another thread takes longer than reading a row, and because threads
//! that wait for the same answer would all be idle.
//!
//! Invariants:
//!
//! - The query that answers a caller began after the caller asked: it sees everything that was committed before.
//! - A caller that is dropped leaves no other one waiting: a leader hands over its role however it ends.
//! - The leader only distributes rows: each caller reads its own row, on its own thread.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use incident_domain::kernel::StoreError;
use thread_local::ThreadLocal;
use tokio::sync::oneshot;

/// The most keys of one query.
const KEYS_MAX: usize = 64;

/// What a query has found, by key.
pub(super) type Found<K, V> = HashMap<K, V>;

/// Combines look-ups of one kind.
pub(super) struct BatchLoader<K: Send, V: Send>(ThreadLocal<Arc<Mutex<State<K, V>>>>);

/// The state of one thread. A caller may end on another thread, if its runtime moves tasks.
struct State<K, V> {
    waiting: VecDeque<(K, oneshot::Sender<Message<K, V>>)>,
    has_leader: bool,
}

/// What a waiting caller receives.
enum Message<K, V> {
    Answer(Answer<V>),
    Lead(Leader<K, V>),
}

type Answer<V> = Result<Option<V>, Arc<StoreError>>;

enum Role<K, V> {
    Leader(Leader<K, V>),
    Waiting(oneshot::Receiver<Message<K, V>>),
}

/// The right to run a thread's query. Dropping it hands it over to the first caller that waits.
struct Leader<K, V>(Arc<Mutex<State<K, V>>>);

impl<K: Send, V: Send> Default for BatchLoader<K, V> {
    fn default() -> Self {
        Self(ThreadLocal::new())
    }
}

impl<K, V> Default for State<K, V> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), has_leader: false }
    }
}

impl<K: Copy + Eq + Hash + Send, V: Clone + Send> BatchLoader<K, V> {
    /// Returns what is stored under a key. `query` looks up all the keys that it is given.
    pub(super) async fn find<Q>(&self, key: K, query: impl Fn(Vec<K>) -> Q) -> Result<Option<V>, StoreError>
    where
        Q: Future<Output = Result<Found<K, V>, StoreError>>,
    {
        let answer = loop {
            match self.role(key) {
                Role::Leader(leader) => break leader.ask(key, query).await,
                Role::Waiting(message) => match message.await {
                    Ok(Message::Answer(answer)) => break answer,
                    Ok(Message::Lead(leader)) => break leader.ask(key, query).await,
                    // The leader was dropped while it asked.
                    Err(_) => {}
                },
            }
        };
        answer.map_err(StoreError::unavailable)
    }

    fn role(&self, key: K) -> Role<K, V> {
        let here = self.0.get_or_default();
        let mut state = locked(here);
        if !mem::replace(&mut state.has_leader, true) {
            return Role::Leader(Leader(Arc::clone(here)));
        }
        let (sender, message) = oneshot::channel();
        state.waiting.push_back((key, sender));
        Role::Waiting(message)
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Leader<K, V> {
    /// Looks up a key, and those of all callers that wait.
    async fn ask<Q>(self, key: K, query: impl Fn(Vec<K>) -> Q) -> Answer<V>
    where
        Q: Future<Output = Result<Found<K, V>, StoreError>>,
    {
        // Callers that are ready to run on this thread can join.
        tokio::task::yield_now().await;
        let others = self.take_waiting();
        let mut keys = Vec::with_capacity(1 + others.len());
        keys.extend([key].into_iter().chain(others.iter().map(|(key, _)| *key)));
        let found = query(keys).await.map_err(Arc::new);
        let answer = |key: &K| match &found {
            Ok(found) => Ok(found.get(key).cloned()),
            Err(error) => Err(Arc::clone(error)),
        };
        for (key, sender) in others {
            // A caller that was dropped needs no answer.
            let _ = sender.send(Message::Answer(answer(&key)));
        }
        answer(&key)
    }

    fn take_waiting(&self) -> Vec<(K, oneshot::Sender<Message<K, V>>)> {
        let mut state = locked(&self.0);
        let count = state.waiting.len().min(KEYS_MAX - 1);
        state.waiting.drain(..count).collect()
    }
}

impl<K, V> Drop for Leader<K, V> {
    fn drop(&mut self) {
        let next = {
            let mut state = locked(&self.0);
            while state.waiting.front().is_some_and(|(_, sender)| sender.is_closed()) {
                state.waiting.pop_front();
            }
            let next = state.waiting.pop_front();
            state.has_leader = next.is_some();
            next
        };
        if let Some((_, sender)) = next {
            // If this caller has just been dropped, the role comes back, and is dropped here once more.
            let _ = sender.send(Message::Lead(Self(Arc::clone(&self.0))));
        }
    }
}

fn locked<K, V>(state: &Mutex<State<K, V>>) -> MutexGuard<'_, State<K, V>> {
    // Nothing that can panic runs between two changes that belong together.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        sync::Semaphore,
        task::{JoinHandle, yield_now},
    };

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    /// A table that holds the halves of even numbers, and answers one query for each permit.
    struct Table {
        loader: BatchLoader<u32, u32>,
        permits: Semaphore,
        queries: Mutex<Vec<Vec<u32>>>,
        is_unavailable: bool,
    }

    impl Table {
        fn new(permits: usize) -> Self {
            let loader = BatchLoader::default();
            Self { loader, permits: Semaphore::new(permits), queries: Mutex::default(), is_unavailable: false }
        }

        async fn find(&self, key: u32) -> Result<Option<u32>, StoreError> {
            let found = self.loader.find(key, |keys| self.query(keys));
            tokio::time::timeout(TIMEOUT, found).await.expect("an answer in time")
        }

        async fn query(&self, keys: Vec<u32>) -> Result<Found<u32, u32>, StoreError> {
            self.queries.lock().unwrap().push(keys.clone());
            self.permits.acquire().await.unwrap().forget();
            if self.is_unavailable {
                return Err(StoreError::unavailable("the table is unavailable"));
            }
            Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key / 2)).collect())
        }

        fn queries(&self) -> Vec<Vec<u32>> {
            self.queries.lock().unwrap().clone()
        }
    }

    type Caller = JoinHandle<Result<Option<u32>, StoreError>>;

    /// Looks up the keys one after the other, and returns when each caller leads or waits.
    async fn look_up(table: &Arc<Table>, keys: impl IntoIterator<Item = u32>) -> Vec<Caller> {
        let mut callers = Vec::new();
        for key in keys {
            let table = Arc::clone(table);
            callers.push(tokio::spawn(async move { table.find(key).await }));
            for _ in 0..3 {
                yield_now().await;
            }
        }
        callers
    }

    #[tokio::test]
    async fn a_single_look_up_is_a_query_of_its_own() {
        let table = Table::new(2);
        assert_eq!(table.find(4).await.unwrap(), Some(2));
        assert_eq!(table.find(5).await.unwrap(), None);
        assert_eq!(table.queries(), [[4], [5]]);
    }

    #[tokio::test]
    async fn callers_that_wait_share_a_query_and_each_gets_its_own_answer() {
        let table = Arc::new(Table::new(0));
        let callers = look_up(&table, [2, 4, 6, 7, 8, 6]).await;
        assert_eq!(table.queries(), [[2]], "one query at a time");
        table.permits.add_permits(6);
        let mut answers = Vec::new();
        for caller in callers {
            answers.push(caller.await.unwrap().unwrap());
        }
        assert_eq!(answers, [Some(1), Some(2), Some(3), None, Some(4), Some(3)]);
        let [_, shared] = table.queries().try_into().expect("one query for all that waited");
        assert_eq!(shared, [4, 6, 7, 8, 6]);
    }

    #[tokio::test]
    async fn no_query_has_more_keys_than_the_limit() {
        let table = Arc::new(Table::new(0));
        let callers = look_up(&table, (0..200).map(|key| 2 * key)).await;
        table.permits.add_permits(200);
        for (key, caller) in (0..).zip(callers) {
            assert_eq!(caller.await.unwrap().unwrap(), Some(key));
        }
        let lengths: Vec<usize> = table.queries().iter().map(Vec::len).collect();
        assert_eq!(lengths.iter().sum::<usize>(), 200);
        assert_eq!(lengths.iter().max(), Some(&KEYS_MAX), "{lengths:?}");
    }

    #[tokio::test]
    async fn an_unavailable_store_is_reported_to_every_caller() {
        let table = Arc::new(Table { is_unavailable: true, ..Table::new(0) });
        let callers = look_up(&table, [2, 4, 6, 8]).await;
        table.permits.add_permits(4);
        for caller in callers {
            assert!(!caller.await.unwrap().unwrap_err().is_unreadable());
        }
    }

    #[tokio::test]
    async fn a_dropped_caller_leaves_no_other_one_waiting() {
        let table = Arc::new(Table::new(0));
        let mut callers = look_up(&table, [2, 4, 6, 8, 10]).await;
        // The leader, a caller that waits, and the next leader.
        for dropped in [0, 1, 0] {
            callers.remove(dropped).abort();
            yield_now().await;
        }
        table.permits.add_permits(8);
        assert_eq!(callers.pop().unwrap().await.unwrap().unwrap(), Some(5));
        assert_eq!(callers.pop().unwrap().await.unwrap().unwrap(), Some(4));
        assert_eq!(table.find(12).await.unwrap(), Some(6));
        assert!(!locked(table.loader.0.get_or_default()).has_leader, "the role of the leader was lost");
    }
}
