//! Counting and timing requests.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use actix_web::{
    dev::ServiceRequest,
    http::{Method, StatusCode},
};
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};

use super::{MatchedRoute, SharedRecorder};

/// What is told of a request that no route is there for.
const NO_ROUTE: &str = "none";

const REQUESTS: &str = "incident_http_requests_total";
const DURATION: &str = "incident_http_request_duration_seconds";
const IN_FLIGHT: &str = "incident_http_requests_in_flight";
const SHED: &str = "incident_http_requests_shed_total";

/// Counts and times requests.
pub(super) struct Requests {
    recorder: SharedRecorder,
    in_flight: Gauge,
    shed: Counter,
    series: RwLock<Series>,
}

/// The series that are there already, so that a request need not ask the recorder for them. There are no more than
/// routes, methods and statuses allow.
#[derive(Default)]
struct Series {
    counts: HashMap<(&'static str, &'static str, StatusCode), Counter>,
    durations: HashMap<(&'static str, &'static str), Histogram>,
}

impl Requests {
    pub(super) fn new(recorder: SharedRecorder) -> Self {
        let (in_flight, shed) = with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests that were answered.");
            describe_histogram!(DURATION, "How long it took to answer requests, up to the head of the answer.");
            describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
            describe_counter!(SHED, "Requests that were sent away because too many were worked on.");
            (gauge!(IN_FLIGHT), counter!(SHED))
        });
        Self { recorder, in_flight, shed, series: RwLock::default() }
    }

    pub(super) fn note_shed(&self) {
        self.shed.increment(1);
    }

    fn note(&self, method: &'static str, route: &'static str, status: StatusCode, took: Duration) {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let known = (series.counts.get(&(method, route, status)), series.durations.get(&(method, route)));
        if let (Some(count), Some(duration)) = known {
            count.increment(1);
            duration.record(took);
            return;
        }
        drop(series);
        let (count, duration) = self.make_known(method, route, status);
        count.increment(1);
        duration.record(took);
    }

    fn make_known(&self, method: &'static str, route: &'static str, status: StatusCode) -> (Counter, Histogram) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        with_local_recorder(&self.recorder, || {
            let count = series.counts.entry((method, route, status)).or_insert_with(
                || counter!(REQUESTS, "method" => method, "route" => route, "status" => status.as_str().to_owned()),
            );
            let count = count.clone();
            let duration = series.durations.entry((method, route));
            let duration = duration.or_insert_with(|| histogram!(DURATION, "method" => method, "route" => route));
            (count, duration.clone())
        })
    }
}

/// A request that is being answered, or given up: then it counts no longer, and is not counted as answered.
pub(crate) struct Underway {
    requests: Arc<Requests>,
    method: &'static str,
    route: MatchedRoute,
}

impl Underway {
    pub(super) fn begin(requests: &Arc<Requests>, request: &ServiceRequest) -> Self {
        requests.in_flight.increment(1.0);
        let (method, route) = (label(request.method()), MatchedRoute::of(request));
        Self { requests: requests.clone(), method, route }
    }

    /// The route that it takes, as far as it is known.
    pub(crate) const fn route(&self) -> &MatchedRoute {
        &self.route
    }

    /// Counts the request as answered.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        self.requests.note(self.method, self.route.found().unwrap_or(NO_ROUTE), status, took);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.requests.in_flight.decrement(1.0);
    }
}

/// Clients may invent methods, and shall not fill the memory with them.
pub(super) fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
