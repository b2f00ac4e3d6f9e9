//! Reports that were computed a moment ago.

use std::{fmt::Display, sync::Arc, time::Duration};

use incident_domain::{
    CacheKey, IncidentFilter, Priority, RequestFingerprint, TimeRange,
    ports::{Cache, ReplySeal},
};

use super::{
    HoldTime, ServiceLevels, StatisticsQuery, StatisticsReport,
    kept::{self, FORMAT},
};

/// What kind of thing a report is to a cache.
const KIND: &str = "statistics";

/// Remembers reports for a while, where other servers of the same database may find them.
///
/// A report is everybody's who may read incidents, so that it does not matter for whom it was computed. Where it is
/// remembered it is sealed with the server's key, and its name is made with that key too: whoever reads the cache
/// learns nothing, whoever writes to it is not believed, and servers with another key remember apart.
#[derive(Clone)]
pub struct RememberedReports {
    /// Where they are.
    pub cache: Arc<dyn Cache>,
    /// What keeps them from whoever reads the cache.
    pub seal: Arc<dyn ReplySeal>,
    /// For how long one is answered again after it was computed.
    pub lifetime: Duration,
    /// What tells databases apart that are used with the same key: a test with a copy of the real one, say.
    pub database: String,
}

impl RememberedReports {
    /// What makes a report what it is.
    pub(super) fn fingerprint(&self, query: &StatisticsQuery, levels: &ServiceLevels) -> RequestFingerprint {
        // Whoever was told to remember for a shorter time takes nothing that was remembered for a longer one.
        let mut parts = vec![FORMAT.to_owned(), self.database.clone(), format!("{:?}", self.lifetime)];
        parts.extend(conditions(&query.filter));
        // Without spans it does not matter where days begin.
        let span = query.span.map(|span| format!("{} in {}", span.as_str(), query.zone.name()));
        parts.push(one("by", span));
        parts.push(format!("hold_time={}", matches!(query.hold_time, HoldTime::Counted)));
        for priority in Priority::ALL {
            let level = levels.of(*priority);
            parts.push(format!("{priority}={:?},{:?}", level.acknowledge, level.resolve));
        }
        let parts: Vec<Vec<u8>> = parts.into_iter().map(String::into_bytes).collect();
        self.seal.fingerprint(&parts)
    }

    pub(super) async fn recall(
        &self,
        fingerprint: &RequestFingerprint,
        levels: &ServiceLevels,
    ) -> Option<StatisticsReport> {
        let sealed = self.cache.get(&key_of(fingerprint)).await?;
        kept::report_of(&self.seal.open(fingerprint, &sealed)?, levels)
    }

    /// What cannot be sealed is not remembered.
    pub(super) async fn remember(&self, fingerprint: &RequestFingerprint, report: &StatisticsReport) {
        let Some(bytes) = kept::bytes_of(report) else { return };
        if let Ok(sealed) = self.seal.seal(fingerprint, &bytes) {
            self.cache.put(&key_of(fingerprint), sealed, self.lifetime).await;
        }
    }
}

const fn key_of(fingerprint: &RequestFingerprint) -> CacheKey {
    CacheKey::new(KIND, *fingerprint.as_bytes())
}

/// The conditions of a filter, in an order of their own: filters that mean the same are the same.
fn conditions(filter: &IncidentFilter) -> Vec<String> {
    let IncidentFilter {
        statuses,
        priorities,
        assigned_to,
        reported_by,
        service,
        category,
        labels,
        opened,
        updated,
        resolved,
        // A report does not look at these.
        text: _,
        search_scope: _,
    } = filter;
    let mut conditions = several("status", statuses);
    conditions.extend(several("priority", priorities));
    conditions.push(one("assigned_to", *assigned_to));
    conditions.push(one("reported_by", *reported_by));
    conditions.push(one("service", service.as_ref()));
    conditions.push(one("category", category.as_ref()));
    // With the length of its key in front, no two labels are the same text.
    let labels: Vec<String> =
        labels.iter().map(|(key, value)| format!("{}:{key}{value}", key.as_str().len())).collect();
    conditions.extend(several("label", &labels));
    conditions.push(range("opened", opened));
    conditions.push(range("updated", updated));
    conditions.push(range("resolved", resolved));
    conditions
}

fn one(name: &str, value: Option<impl Display>) -> String {
    value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"))
}

fn several(name: &str, values: &[impl Display]) -> Vec<String> {
    let mut values: Vec<String> = values.iter().map(|value| format!("{name}={value}")).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn range(name: &str, TimeRange { since, until }: &TimeRange) -> String {
    let micros = |time: &incident_domain::Timestamp| time.timestamp_micros();
    format!("{name}={:?}..{:?}", since.as_ref().map(micros), until.as_ref().map(micros))
}
