//! What every cache promises, run against each of them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey};
use tokio::task::JoinSet;

/// A cache whose time the test lets pass.
#[async_trait]
pub(crate) trait PassingTime: Send + Sync + 'static {
    fn cache(&self) -> &dyn Cache;

    async fn let_pass(&self, time: Duration);
}

/// So long that no test sees the end of it.
const LONG: Duration = Duration::from_mins(10);

/// A key that no other test has, nor any earlier run of it.
pub(crate) fn new_key() -> CacheKey {
    let mut digest = [0; 32];
    getrandom::fill(&mut digest).unwrap();
    CacheKey::new("promises", digest)
}

pub(crate) async fn what_was_put_is_answered_as_it_was(timed: Arc<impl PassingTime>) {
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [every_byte, Vec::new(), vec![7; CACHE_VALUE_BYTES_MAX]] {
        let key = new_key();
        assert_eq!(timed.cache().get(&key).await, None, "nobody has put it");
        timed.cache().put(&key, value.clone(), LONG).await;
        assert_eq!(timed.cache().get(&key).await, Some(value));
    }
}

pub(crate) async fn what_is_put_later_takes_the_place_of_what_was_there(timed: Arc<impl PassingTime>) {
    let key = new_key();
    timed.cache().put(&key, b"first".to_vec(), LONG).await;
    timed.cache().put(&key, b"second".to_vec(), LONG).await;
    assert_eq!(timed.cache().get(&key).await.as_deref(), Some(&b"second"[..]));
}

pub(crate) async fn keys_are_independent(timed: Arc<impl PassingTime>) {
    let key = new_key();
    let mut digest = *key.digest();
    digest[31] ^= 1;
    let keys = [key, CacheKey::new(key.kind(), digest), CacheKey::new("promises-other", *key.digest())];
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(timed.cache().get(key).await, None, "{index}");
        timed.cache().put(key, index.to_string().into_bytes(), LONG).await;
    }
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(timed.cache().get(key).await, Some(index.to_string().into_bytes()));
    }
}

pub(crate) async fn nothing_is_answered_when_its_lifetime_is_over(timed: Arc<impl PassingTime>) {
    let (key, lifetime) = (new_key(), Duration::from_millis(50));
    timed.cache().put(&key, b"value".to_vec(), lifetime).await;
    timed.let_pass(lifetime).await;
    assert_eq!(timed.cache().get(&key).await, None);
    timed.cache().put(&key, b"value".to_vec(), LONG).await;
    timed.let_pass(lifetime).await;
    assert!(timed.cache().get(&key).await.is_some(), "its lifetime is longer");
}

pub(crate) async fn what_is_not_to_be_remembered_is_not_nor_what_was_there_before(timed: Arc<impl PassingTime>) {
    let too_large = vec![7; CACHE_VALUE_BYTES_MAX + 1];
    for (value, lifetime) in [(too_large, LONG), (b"value".to_vec(), Duration::ZERO)] {
        let key = new_key();
        timed.cache().put(&key, b"before".to_vec(), LONG).await;
        timed.cache().put(&key, value, lifetime).await;
        assert_eq!(timed.cache().get(&key).await, None, "{lifetime:?}");
    }
}

pub(crate) async fn values_that_are_put_at_the_same_moment_are_not_mixed(timed: Arc<impl PassingTime>) {
    let key = new_key();
    let mut puts = JoinSet::new();
    for byte in 0..32 {
        let timed = Arc::clone(&timed);
        puts.spawn(async move { timed.cache().put(&key, vec![byte; 10_000], LONG).await });
    }
    puts.join_all().await;
    let found = timed.cache().get(&key).await.unwrap();
    assert!(found.len() == 10_000 && found.iter().all(|byte| *byte == found[0]));
}

/// A test for each promise, with these attributes, of the cache that a future makes.
macro_rules! promises {
    ($make:expr $(, #[$attribute:meta])*) => {
        $crate::cache_promises::promises! { @each $make; [$(#[$attribute])*];
            what_was_put_is_answered_as_it_was
            what_is_put_later_takes_the_place_of_what_was_there
            keys_are_independent
            nothing_is_answered_when_its_lifetime_is_over
            what_is_not_to_be_remembered_is_not_nor_what_was_there_before
            values_that_are_put_at_the_same_moment_are_not_mixed
        }
    };
    (@each $make:expr; $attributes:tt; $($promise:ident)*) => {
        $($crate::cache_promises::promises! { @one $make; $attributes; $promise })*
    };
    (@one $make:expr; [$(#[$attribute:meta])*]; $promise:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        $(#[$attribute])*
        async fn $promise() {
            $crate::cache_promises::$promise(Arc::new($make.await)).await;
        }
    };
}
pub(crate) use promises;
