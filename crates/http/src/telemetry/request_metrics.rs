//! Counts and times requests.

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
    Counter, Gauge, Histogram, Recorder, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram, with_local_recorder,
};

use super::matched_route::MatchedRoute;

/// A recorder of metrics. Each server has its own instead of the global one, so that several servers in one process, as
/// in tests, count separately.
pub type SharedRecorder = Arc<dyn Recorder + Send + Sync>;

/// The label of requests that match no route.
const NO_ROUTE: &str = "none";

const REQUESTS: &str = "incident_http_requests_total";
const DURATION: &str = "incident_http_request_duration_seconds";
const IN_FLIGHT: &str = "incident_http_requests_in_flight";
const SHED: &str = "incident_http_requests_shed_total";
const CONNECTIONS: &str = "incident_http_connections";
const CONNECTIONS_ENDED: &str = "incident_http_connections_ended_total";

/// Why the server ended a connection by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    /// There were as many connections as there may be, and all of them were in use.
    Refused,
    /// It had made no progress for longer than others, and made room for a new one.
    Replaced,
    /// Its client accepted nothing of the responses.
    Stalled,
}

/// The metrics of all requests of a server.
pub(super) struct HttpMetrics {
    recorder: SharedRecorder,
    in_flight: Gauge,
    shed: Counter,
    connections: Gauge,
    refused: Counter,
    replaced: Counter,
    stalled: Counter,
    series: RwLock<Series>,
}

/// Cached handles of time series, which are faster than asking the recorder. Routes, methods and statuses bound their
/// number.
#[derive(Default)]
struct Series {
    counts: HashMap<(&'static str, &'static str, StatusCode), Counter>,
    durations: HashMap<(&'static str, &'static str), Histogram>,
}

impl HttpMetrics {
    pub(super) fn new(recorder: SharedRecorder) -> Self {
        with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests that were answered.");
            describe_histogram!(DURATION, "Time from the request to the head of the response.");
            describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
            describe_counter!(SHED, "Requests that were refused because too many were being handled.");
            describe_gauge!(CONNECTIONS, "Open connections of clients.");
            describe_counter!(CONNECTIONS_ENDED, "Connections that the server refused or ended by itself.");
        });
        let ended =
            |reason: &'static str| with_local_recorder(&recorder, || counter!(CONNECTIONS_ENDED, "reason" => reason));
        Self {
            in_flight: with_local_recorder(&recorder, || gauge!(IN_FLIGHT)),
            shed: with_local_recorder(&recorder, || counter!(SHED)),
            connections: with_local_recorder(&recorder, || gauge!(CONNECTIONS)),
            refused: ended("refused"),
            replaced: ended("replaced"),
            stalled: ended("stalled"),
            series: RwLock::default(),
            recorder,
        }
    }

    pub(super) fn note_connection_open(&self) {
        self.connections.increment(1.0);
    }

    pub(super) fn note_connection_closed(&self) {
        self.connections.decrement(1.0);
    }

    pub(super) fn note_connection_end(&self, end: ConnectionEnd) {
        let ended = match end {
            ConnectionEnd::Refused => &self.refused,
            ConnectionEnd::Replaced => &self.replaced,
            ConnectionEnd::Stalled => &self.stalled,
        };
        ended.increment(1);
    }

    pub(super) fn note_shed(&self) {
        self.shed.increment(1);
    }

    fn record(&self, method: &'static str, route: &'static str, status: StatusCode, took: Duration) {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let known = (series.counts.get(&(method, route, status)), series.durations.get(&(method, route)));
        if let (Some(count), Some(duration)) = known {
            count.increment(1);
            duration.record(took);
            return;
        }
        drop(series);
        let (count, duration) = self.register(method, route, status);
        count.increment(1);
        duration.record(took);
    }

    fn register(&self, method: &'static str, route: &'static str, status: StatusCode) -> (Counter, Histogram) {
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

/// The metrics of one request. A request that is dropped before its response is not counted as answered.
pub(crate) struct RequestMetrics {
    requests: Arc<HttpMetrics>,
    method: &'static str,
    route: MatchedRoute,
}

impl RequestMetrics {
    pub(super) fn start(requests: &Arc<HttpMetrics>, request: &ServiceRequest) -> Self {
        requests.in_flight.increment(1.0);
        let (method, route) = (label(request.method()), MatchedRoute::of(request));
        Self { requests: requests.clone(), method, route }
    }

    /// The route of the request.
    pub(crate) const fn route(&self) -> &MatchedRoute {
        &self.route
    }

    /// Records the response.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        self.requests.record(self.method, self.route.found().unwrap_or(NO_ROUTE), status, took);
    }
}

impl Drop for RequestMetrics {
    fn drop(&mut self) {
        self.requests.in_flight.decrement(1.0);
    }
}

/// Clients can invent methods, which must not create time series.
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
