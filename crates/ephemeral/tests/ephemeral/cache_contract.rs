//! The contract of caches, as tests that run on each adapter.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey};
use tokio::task::JoinSet;

use crate::scene::new_cache_key;

/// A cache with a clock that the test can advance.
#[async_trait]
pub(crate) trait TimedCache: Send + Sync + 'static {
    fn cache(&self) -> &dyn Cache;

    /// Waits until this time has passed on the clock of the cache.
    async fn advance(&self, time: Duration);
}

/// Longer than any test.
const LONG: Duration = Duration::from_mins(10);

pub(crate) async fn a_value_is_found_unchanged(timed: Arc<impl TimedCache>) {
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [every_byte, Vec::new(), vec![7; CACHE_VALUE_BYTES_MAX]] {
        let key = new_cache_key();
        assert_eq!(timed.cache().get(&key).await, None, "not put yet");
        timed.cache().put(&key, value.clone(), LONG).await;
        assert_eq!(timed.cache().get(&key).await, Some(value));
    }
}

pub(crate) async fn a_later_value_replaces_an_earlier_one(timed: Arc<impl TimedCache>) {
    let key = new_cache_key();
    timed.cache().put(&key, b"first".to_vec(), LONG).await;
    timed.cache().put(&key, b"second".to_vec(), LONG).await;
    assert_eq!(timed.cache().get(&key).await.as_deref(), Some(&b"second"[..]));
}

pub(crate) async fn keys_are_independent(timed: Arc<impl TimedCache>) {
    let key = new_cache_key();
    let mut digest = *key.digest();
    digest[31] ^= 1;
    let keys = [key, CacheKey::new(key.kind(), digest), CacheKey::new("tests-other", *key.digest())];
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(timed.cache().get(key).await, None, "{index}");
        timed.cache().put(key, index.to_string().into_bytes(), LONG).await;
    }
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(timed.cache().get(key).await, Some(index.to_string().into_bytes()));
    }
}

pub(crate) async fn an_expired_value_is_not_found(timed: Arc<impl TimedCache>) {
    let (key, lifetime) = (new_cache_key(), Duration::from_millis(50));
    timed.cache().put(&key, b"value".to_vec(), lifetime).await;
    timed.advance(lifetime).await;
    assert_eq!(timed.cache().get(&key).await, None);
    timed.cache().put(&key, b"value".to_vec(), LONG).await;
    timed.advance(lifetime).await;
    assert!(timed.cache().get(&key).await.is_some(), "its lifetime is longer");
}

pub(crate) async fn a_value_that_cannot_be_cached_removes_an_earlier_one(timed: Arc<impl TimedCache>) {
    let too_large = vec![7; CACHE_VALUE_BYTES_MAX + 1];
    for (value, lifetime) in [(too_large, LONG), (b"value".to_vec(), Duration::ZERO)] {
        let key = new_cache_key();
        timed.cache().put(&key, b"before".to_vec(), LONG).await;
        timed.cache().put(&key, value, lifetime).await;
        assert_eq!(timed.cache().get(&key).await, None, "{lifetime:?}");
    }
}

pub(crate) async fn simultaneous_values_are_not_mixed(timed: Arc<impl TimedCache>) {
    let key = new_cache_key();
    let mut puts = JoinSet::new();
    for byte in 0..32 {
        let timed = Arc::clone(&timed);
        puts.spawn(async move { timed.cache().put(&key, vec![byte; 10_000], LONG).await });
    }
    puts.join_all().await;
    let found = timed.cache().get(&key).await.expect("a value");
    assert!(found.len() == 10_000 && found.iter().all(|byte| *byte == found[0]));
}

/// Tests each case, with these attributes, on the cache that a future creates.
macro_rules! cache_contract {
    ($create:expr $(, #[$attribute:meta])*) => {
        $crate::cache_contract::cache_contract! { @each $create; [$(#[$attribute])*];
            a_value_is_found_unchanged
            a_later_value_replaces_an_earlier_one
            keys_are_independent
            an_expired_value_is_not_found
            a_value_that_cannot_be_cached_removes_an_earlier_one
            simultaneous_values_are_not_mixed
        }
    };
    (@each $create:expr; $attributes:tt; $($case:ident)*) => {
        $($crate::cache_contract::cache_contract! { @one $create; $attributes; $case })*
    };
    (@one $create:expr; [$(#[$attribute:meta])*]; $case:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        $(#[$attribute])*
        async fn $case() {
            $crate::cache_contract::$case(::std::sync::Arc::new($create.await)).await;
        }
    };
}
pub(crate) use cache_contract;
