//! Counts the requests that a rate limiter refuses.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::kernel::{Admission, Quota, RateKey, RateLimiter};
use metrics::{counter, describe_counter, with_local_recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

const RATE_LIMITED: &str = "incident_rate_limited_total";

/// A rate limiter that counts the refusals of another one.
pub(crate) struct MeasuredLimiter {
    limiter: Arc<dyn RateLimiter>,
    recorder: Arc<PrometheusRecorder>,
}

impl MeasuredLimiter {
    pub(crate) fn new(limiter: Arc<dyn RateLimiter>, recorder: Arc<PrometheusRecorder>) -> Self {
        with_local_recorder(&recorder, || {
            describe_counter!(RATE_LIMITED, "Requests that were refused because there were too many, by their quota.");
        });
        Self { limiter, recorder }
    }
}

#[async_trait]
impl RateLimiter for MeasuredLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        let admission = self.limiter.admit(key, quota).await;
        if !admission.is_admitted {
            with_local_recorder(&self.recorder, || counter!(RATE_LIMITED, "quota" => quota.name)).increment(1);
        }
        admission
    }
}
