//! Counting what a cache knew, and what it did not.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::{CacheKey, ports::Cache};
use metrics::{counter, describe_counter, with_local_recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

const LOOKUPS: &str = "incident_cache_lookups_total";

/// Counts what is asked of another cache.
pub(crate) struct MeasuredCache {
    cache: Arc<dyn Cache>,
    recorder: Arc<PrometheusRecorder>,
}

impl MeasuredCache {
    pub(crate) fn new(cache: Arc<dyn Cache>, recorder: Arc<PrometheusRecorder>) -> Self {
        with_local_recorder(&recorder, || {
            describe_counter!(LOOKUPS, "What the cache was asked for, by what it is and whether it was known.");
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
