//! Counts the hits and misses of a cache.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{Cache, CacheKey};
use metrics::{counter, describe_counter, with_local_recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

const LOOKUPS: &str = "incident_cache_lookups_total";

/// A cache that counts the look-ups of another cache.
pub(crate) struct MeasuredCache {
    cache: Arc<dyn Cache>,
    recorder: Arc<PrometheusRecorder>,
}

impl MeasuredCache {
    pub(crate) fn new(cache: Arc<dyn Cache>, recorder: Arc<PrometheusRecorder>) -> Self {
        with_local_recorder(&recorder, || {
            describe_counter!(LOOKUPS, "Look-ups in the cache, by the kind of value and whether it was found.");
        });
        Self { cache, recorder }
    }
}

#[async_trait]
impl Cache for MeasuredCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let found = self.cache.get(key).await;
        let result = if found.is_some() { "hit" } else { "miss" };
        with_local_recorder(&self.recorder, || counter!(LOOKUPS, "kind" => key.kind(), "result" => result))
            .increment(1);
        found
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        self.cache.put(key, value, lifetime).await;
    }
}
