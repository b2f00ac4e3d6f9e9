//! Reports in a cache.

use std::{sync::Arc, time::Duration};

use incident_domain::{
    incidents::IncidentFilter,
    kernel::{Cache, CacheKey, ReplySeal, RequestFingerprint},
};

use super::{
    ServiceLevels, StatisticsQuery, StatisticsReport,
    report_bytes::{FORMAT, bytes_of, report_of},
};

/// The kind of a report's cache key.
const KIND: &str = "statistics";

/// Keeps reports in a cache for a while, where other servers of the same database may find them.
///
/// A report is the same for everyone who may read incidents, so it does not matter for whom it was computed. It is sealed
/// with the server's key, and its cache key is derived with that key: the cache discloses nothing, a report that another
/// program wrote to it is not accepted, and servers with different keys do not share reports.
#[derive(Clone)]
pub struct CachedReports {
    /// The cache.
    pub cache: Arc<dyn Cache>,
    /// Seals the reports.
    pub seal: Arc<dyn ReplySeal>,
    /// How long a report is used after it was computed.
    pub lifetime: Duration,
    /// Tells databases apart that are used with the same key, such as a copy for tests.
    pub database: String,
}

impl CachedReports {
    /// Identifies a report by everything that it depends on.
    pub(super) fn fingerprint(&self, query: &StatisticsQuery, levels: &ServiceLevels) -> RequestFingerprint {
        // Without spans it does not matter where days begin.
        let span = query.span.map(|span| (span, query.zone.name()));
        let (filter, hold_time) = (conditions(&query.filter), query.hold_time);
        // A server with a shorter lifetime does not use what one with a longer lifetime has stored.
        let inputs = format!("{:?} {filter:?} {span:?} {hold_time:?} {levels:?}", self.lifetime);
        let parts = [FORMAT, &self.database, &inputs].map(|part| part.as_bytes().to_vec());
        self.seal.fingerprint(&parts)
    }

    /// Returns the report if it is in the cache.
    pub(super) async fn get(
        &self,
        fingerprint: &RequestFingerprint,
        levels: &ServiceLevels,
    ) -> Option<StatisticsReport> {
        let sealed = self.cache.get(&key_of(fingerprint)).await?;
        report_of(&self.seal.open(fingerprint, &sealed)?, levels)
    }

    /// Stores a report, unless it cannot be sealed.
    pub(super) async fn put(&self, fingerprint: &RequestFingerprint, report: &StatisticsReport) {
        let Some(bytes) = bytes_of(report) else { return };
        if let Ok(sealed) = self.seal.seal(fingerprint, &bytes) {
            self.cache.put(&key_of(fingerprint), sealed, self.lifetime).await;
        }
    }
}

const fn key_of(fingerprint: &RequestFingerprint) -> CacheKey {
    CacheKey::new(KIND, *fingerprint.as_bytes())
}

/// Returns the conditions of a filter that a report depends on, in a fixed order.
fn conditions(filter: &IncidentFilter) -> IncidentFilter {
    let ignored = IncidentFilter::default();
    let mut filter = IncidentFilter { text: ignored.text, search_scope: ignored.search_scope, ..filter.clone() };
    sort(&mut filter.statuses);
    sort(&mut filter.priorities);
    sort(&mut filter.labels);
    filter
}

fn sort<T: Ord>(values: &mut Vec<T>) {
    values.sort_unstable();
    values.dedup();
}
