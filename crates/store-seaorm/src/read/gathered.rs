//! Looking up single rows together: who asks while another on the same thread is being answered waits, and is then
//! answered by one query with all who waited there. A question that comes by itself is asked at once, by whoever has it.
//!
//! By thread, because waking another one takes longer than reading a row, and because threads that wait for the same
//! answer would all rest meanwhile.
//!
//! Invariants:
//!
//! - An answer comes from a query that began after its question was asked: what was committed before is seen.
//! - Nobody waits for a question that was given up: who leads hands over, however that ends.
//! - Whoever leads only hands out: what a row says, each reads for itself, on its own thread.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use incident_domain::ports::StoreError;
use thread_local::ThreadLocal;
use tokio::sync::oneshot;

/// How many keys one query is given at most.
const KEYS_MAX: usize = 64;

/// What a query found, by key. What is not among it is not there.
pub(crate) type Found<K, V> = HashMap<K, V>;

/// Questions of one kind, and who asks them.
pub(crate) struct Gathered<K: Send, V: Send>(ThreadLocal<Arc<Mutex<State<K, V>>>>);

/// Of one thread. What is asked there may end elsewhere, where a runtime moves its tasks about.
struct State<K, V> {
    waiting: VecDeque<(K, oneshot::Sender<Said<K, V>>)>,
    is_asking: bool,
}

/// What somebody who waits is told.
enum Said<K, V> {
    Answer(Answer<V>),
    /// To ask for all who wait.
    Lead(Lead<K, V>),
}

type Answer<V> = Result<Option<V>, Arc<StoreError>>;

enum Place<K, V> {
    Leading(Lead<K, V>),
    Waiting(oneshot::Receiver<Said<K, V>>),
}

/// The right to have a thread's query under way. Whoever drops it hands it over to the first who waits.
struct Lead<K, V>(Arc<Mutex<State<K, V>>>);

impl<K: Send, V: Send> Default for Gathered<K, V> {
    fn default() -> Self {
        Self(ThreadLocal::new())
    }
}

impl<K, V> Default for State<K, V> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), is_asking: false }
    }
}

impl<K: Copy + Eq + Hash + Send, V: Clone + Send> Gathered<K, V> {
    /// What there is under this key. `query` looks for all the keys that it is given.
    pub(crate) async fn find<Q>(&self, key: K, query: impl Fn(Vec<K>) -> Q) -> Result<Option<V>, StoreError>
    where
        Q: Future<Output = Result<Found<K, V>, StoreError>>,
    {
        let answer = loop {
            match self.place(key) {
                Place::Leading(lead) => break lead.ask(key, query).await,
                Place::Waiting(said) => match said.await {
                    Ok(Said::Answer(answer)) => break answer,
                    Ok(Said::Lead(lead)) => break lead.ask(key, query).await,
                    // Who led was given up in the middle of it.
                    Err(_) => {}
                },
            }
        };
        answer.map_err(StoreError::unavailable)
    }

    fn place(&self, key: K) -> Place<K, V> {
        let here = self.0.get_or_default();
        let mut state = locked(here);
        if !mem::replace(&mut state.is_asking, true) {
            return Place::Leading(Lead(Arc::clone(here)));
        }
        let (tell, said) = oneshot::channel();
        state.waiting.push_back((key, tell));
        Place::Waiting(said)
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Lead<K, V> {
    /// Asks for a key, and for those of all who wait.
    async fn ask<Q>(self, key: K, query: impl Fn(Vec<K>) -> Q) -> Answer<V>
    where
        Q: Future<Output = Result<Found<K, V>, StoreError>>,
    {
        // Whoever has a question by now, and only needs a turn on this thread to say so, gets it.
        tokio::task::yield_now().await;
        let others = self.take_waiting();
        let mut keys = Vec::with_capacity(1 + others.len());
        keys.extend([key].into_iter().chain(others.iter().map(|(key, _)| *key)));
        let found = query(keys).await.map_err(Arc::new);
        let answer = |key: &K| match &found {
            Ok(found) => Ok(found.get(key).cloned()),
            Err(error) => Err(Arc::clone(error)),
        };
        for (key, tell) in others {
            // Somebody who went away does not want to know.
            let _ = tell.send(Said::Answer(answer(&key)));
        }
        answer(&key)
    }

    fn take_waiting(&self) -> Vec<(K, oneshot::Sender<Said<K, V>>)> {
        let mut state = locked(&self.0);
        let count = state.waiting.len().min(KEYS_MAX - 1);
        state.waiting.drain(..count).collect()
    }
}

impl<K, V> Drop for Lead<K, V> {
    fn drop(&mut self) {
        let first = {
            let mut state = locked(&self.0);
            while state.waiting.front().is_some_and(|(_, tell)| tell.is_closed()) {
                state.waiting.pop_front();
            }
            let first = state.waiting.pop_front();
            state.is_asking = first.is_some();
            first
        };
        if let Some((_, tell)) = first {
            // Where the first went away just now, the right comes back, and is dropped here once more.
            let _ = tell.send(Said::Lead(Self(Arc::clone(&self.0))));
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

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A table in which even numbers stand with their halves, and which answers one query for each permit.
    struct Table {
        gathered: Gathered<u32, u32>,
        permits: Semaphore,
        queries: Mutex<Vec<Vec<u32>>>,
        is_away: bool,
    }

    impl Table {
        fn new(permits: usize) -> Self {
            let gathered = Gathered::default();
            Self { gathered, permits: Semaphore::new(permits), queries: Mutex::default(), is_away: false }
        }

        async fn find(&self, key: u32) -> Result<Option<u32>, StoreError> {
            let found = self.gathered.find(key, |keys| self.query(keys));
            tokio::time::timeout(PATIENCE, found).await.expect("nobody waits for ever")
        }

        async fn query(&self, keys: Vec<u32>) -> Result<Found<u32, u32>, StoreError> {
            self.queries.lock().unwrap().push(keys.clone());
            self.permits.acquire().await.unwrap().forget();
            if self.is_away {
                return Err(StoreError::unavailable("away"));
            }
            Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key / 2)).collect())
        }

        fn queries(&self) -> Vec<Vec<u32>> {
            self.queries.lock().unwrap().clone()
        }
    }

    type Asking = JoinHandle<Result<Option<u32>, StoreError>>;

    /// Asks for each of the keys in turn, and goes on when all of them lead or wait.
    async fn ask(table: &Arc<Table>, keys: impl IntoIterator<Item = u32>) -> Vec<Asking> {
        let mut asking = Vec::new();
        for key in keys {
            let table = Arc::clone(table);
            asking.push(tokio::spawn(async move { table.find(key).await }));
            for _ in 0..3 {
                yield_now().await;
            }
        }
        asking
    }

    #[tokio::test]
    async fn a_question_by_itself_is_asked_by_itself() {
        let table = Table::new(2);
        assert_eq!(table.find(4).await.unwrap(), Some(2));
        assert_eq!(table.find(5).await.unwrap(), None);
        assert_eq!(table.queries(), [[4], [5]]);
    }

    #[tokio::test]
    async fn those_who_wait_share_a_query_and_each_gets_its_own_answer() {
        let table = Arc::new(Table::new(0));
        let asking = ask(&table, [2, 4, 6, 7, 8, 6]).await;
        assert_eq!(table.queries(), [[2]], "no more than one at once");
        table.permits.add_permits(6);
        let mut answers = Vec::new();
        for asked in asking {
            answers.push(asked.await.unwrap().unwrap());
        }
        assert_eq!(answers, [Some(1), Some(2), Some(3), None, Some(4), Some(3)]);
        let [_, shared] = table.queries().try_into().expect("one query for all who waited");
        assert_eq!(shared, [4, 6, 7, 8, 6]);
    }

    #[tokio::test]
    async fn no_query_is_given_more_keys_than_it_may() {
        let table = Arc::new(Table::new(0));
        let asking = ask(&table, (0..200).map(|key| 2 * key)).await;
        table.permits.add_permits(200);
        for (key, asked) in (0..).zip(asking) {
            assert_eq!(asked.await.unwrap().unwrap(), Some(key));
        }
        let lengths: Vec<usize> = table.queries().iter().map(Vec::len).collect();
        assert_eq!(lengths.iter().sum::<usize>(), 200);
        assert_eq!(lengths.iter().max(), Some(&KEYS_MAX), "{lengths:?}");
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_away_for_all_who_asked() {
        let table = Arc::new(Table { is_away: true, ..Table::new(0) });
        let asking = ask(&table, [2, 4, 6, 8]).await;
        table.permits.add_permits(4);
        for asked in asking {
            assert!(!asked.await.unwrap().unwrap_err().is_unreadable());
        }
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_nobody_behind() {
        let table = Arc::new(Table::new(0));
        let mut asking = ask(&table, [2, 4, 6, 8, 10]).await;
        // Who leads, one who waits, and who leads since.
        for gone in [0, 1, 0] {
            asking.remove(gone).abort();
            yield_now().await;
        }
        table.permits.add_permits(8);
        assert_eq!(asking.pop().unwrap().await.unwrap().unwrap(), Some(5));
        assert_eq!(asking.pop().unwrap().await.unwrap().unwrap(), Some(4));
        assert_eq!(table.find(12).await.unwrap(), Some(6));
        assert!(!locked(table.gathered.0.get_or_default()).is_asking, "a right was lost");
    }
}
