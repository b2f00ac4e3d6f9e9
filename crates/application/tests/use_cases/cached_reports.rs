//! Cached reports: when they are reused, for whom, and their time of computation.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use futures::future::join_all;
use incident_application::{
    incidents::{
        CachedReports, HoldTime, ServiceLevel, ServiceLevels, Span, Statistics, StatisticsQuery, StatisticsReport,
    },
    kernel::Principal,
};
use incident_domain::{
    identity::Role,
    incidents::{IncidentFilter, IncidentId, IncidentTimes, Priority, StatisticsRepository, Status, StatusStep},
    kernel::{Cache, CacheKey, Label, LabelKey, LabelValue, StoreError, TimeRange, Timestamp},
};
use incident_memory::{MemoryStore, PlainSeal};

use crate::scene::{Scene, id_of};

const LIFETIME: Duration = Duration::from_secs(10);

/// A statistics repository that counts its reads.
struct CountingRepository {
    store: Arc<MemoryStore>,
    reads: AtomicUsize,
}

#[async_trait]
impl StatisticsRepository for CountingRepository {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        // Yields so that concurrent requests overlap.
        tokio::task::yield_now().await;
        self.store.times(filter, after, limit).await
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        self.store.status_steps(incidents).await
    }
}

/// An in-memory cache that tests clear instead of waiting for expiry.
#[derive(Default)]
struct TestCache(Mutex<HashMap<CacheKey, (Vec<u8>, Duration)>>);

impl TestCache {
    fn clear(&self) {
        self.0.lock().expect("not poisoned").clear();
    }

    fn corrupt(&self, how: impl Fn(&mut Vec<u8>)) {
        let mut kept = self.0.lock().expect("not poisoned");
        assert!(!kept.is_empty(), "the cache holds something to corrupt");
        kept.values_mut().for_each(|(value, _)| how(value));
    }
}

#[async_trait]
impl Cache for TestCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        tokio::task::yield_now().await;
        self.0.lock().expect("not poisoned").get(key).map(|(value, _)| value.clone())
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        self.0.lock().expect("not poisoned").insert(*key, (value, lifetime));
    }
}

/// An unavailable cache.
struct UnavailableCache;

#[async_trait]
impl Cache for UnavailableCache {
    async fn get(&self, _: &CacheKey) -> Option<Vec<u8>> {
        None
    }

    async fn put(&self, _: &CacheKey, _: Vec<u8>, _: Duration) {}
}

struct World {
    scene: Scene,
    repository: Arc<CountingRepository>,
    cache: Arc<TestCache>,
    viewer: Principal,
}

impl World {
    async fn new() -> Self {
        let scene = Scene::new();
        let viewer = scene.caller(Role::Viewer).await;
        let repository = Arc::new(CountingRepository { store: scene.store.clone(), reads: AtomicUsize::new(0) });
        Self { scene, repository, cache: Arc::default(), viewer }
    }

    fn reports(&self) -> CachedReports {
        CachedReports {
            cache: self.cache.clone(),
            seal: Arc::new(PlainSeal),
            lifetime: LIFETIME,
            database: "memory".to_owned(),
        }
    }

    fn statistics(&self, reports: CachedReports, levels: ServiceLevels) -> Statistics {
        Statistics::new(self.repository.clone(), self.scene.clock.clone(), levels).cached_in(reports)
    }

    fn caching(&self) -> Statistics {
        self.statistics(self.reports(), ServiceLevels::default())
    }

    async fn report(&self, statistics: &Statistics, query: &StatisticsQuery) -> StatisticsReport {
        statistics.report(&self.viewer, query).await.expect("a report")
    }

    fn reads(&self) -> usize {
        self.repository.reads.load(Ordering::SeqCst)
    }
}

fn query() -> StatisticsQuery {
    StatisticsQuery {
        filter: IncidentFilter::default(),
        span: Some(Span::Day),
        zone: Tz::UTC,
        hold_time: HoldTime::Counted,
    }
}

#[tokio::test]
async fn a_report_is_reused_and_keeps_its_time_of_computation() {
    let world = World::new().await;
    let statistics = world.caching();
    world.scene.at(Status::Resolved).await;
    let first = world.report(&statistics, &query()).await;
    assert_eq!(first.overall.incidents, 1);

    world.scene.at(Status::Open).await;
    world.scene.clock.advance(TimeDelta::seconds(3));
    let other_viewer = world.scene.caller(Role::Viewer).await;
    let again = statistics.report(&other_viewer, &query()).await.expect("a report");
    assert_eq!((&again, world.reads()), (&first, 1), "the cached report, with its time, for every caller");

    world.cache.clear();
    let recomputed = world.report(&statistics, &query()).await;
    assert_eq!((recomputed.overall.incidents, world.reads()), (2, 2));
    assert_eq!(recomputed.computed_at - first.computed_at, TimeDelta::seconds(3));
}

#[tokio::test]
async fn another_server_with_the_same_database_reuses_the_report() {
    let world = World::new().await;
    let first = world.report(&world.caching(), &query()).await;
    let there = world.report(&world.caching(), &query()).await;
    assert_eq!((there, world.reads()), (first, 1));
}

#[tokio::test]
async fn equal_requests_at_the_same_time_are_computed_once() {
    let world = World::new().await;
    world.scene.at(Status::Open).await;
    let statistics = world.caching();
    let query = query();
    let reports = join_all((0..32).map(|_| world.report(&statistics, &query))).await;
    assert!(reports.iter().all(|report| *report == reports[0]));
    assert_eq!(world.reads(), 1);
}

/// A named change to a filter.
type Named = (&'static str, fn(&mut IncidentFilter));

#[tokio::test]
async fn every_parameter_is_part_of_the_cache_key() {
    let world = World::new().await;
    let statistics = world.caching();
    let label = |text: &str| Some(Label::parse(text).expect("a label"));
    let now: Timestamp = "2026-01-31T12:00:00Z".parse().expect("a time");
    let user = id_of(&world.viewer);
    let filters: Vec<Named> = vec![
        ("status", |filter| filter.statuses = vec![Status::Open]),
        ("other status", |filter| filter.statuses = vec![Status::Closed]),
        ("statuses", |filter| filter.statuses = vec![Status::Open, Status::Closed]),
        ("priority", |filter| filter.priorities = vec![Priority::Low]),
        ("label", |filter| {
            filter.labels = vec![(LabelKey::parse("team").expect("a key"), LabelValue::parse("a=b").expect("a value"))];
        }),
    ];
    let with = |change: &dyn Fn(&mut StatisticsQuery)| {
        let mut query = query();
        change(&mut query);
        query
    };
    let mut queries: Vec<(&str, StatisticsQuery)> =
        filters.iter().map(|(name, change)| (*name, with(&|query| change(&mut query.filter)))).collect();
    let range = TimeRange { since: Some(now), until: None };
    queries.extend([
        ("as it is", query()),
        ("assignee", with(&|query| query.filter.assigned_to = Some(user))),
        ("reporter", with(&|query| query.filter.reported_by = Some(user))),
        ("service", with(&|query| query.filter.service = label("checkout"))),
        ("category", with(&|query| query.filter.category = label("checkout"))),
        ("opened", with(&|query| query.filter.opened = range)),
        ("updated", with(&|query| query.filter.updated = range)),
        ("resolved", with(&|query| query.filter.resolved = range)),
        ("until", with(&|query| query.filter.opened = TimeRange { since: None, until: Some(now) })),
        ("week", with(&|query| query.span = Some(Span::Week))),
        ("no span", with(&|query| query.span = None)),
        ("zone", with(&|query| query.zone = Tz::Europe__Berlin)),
        ("hold time", with(&|query| query.hold_time = HoldTime::LeftOut)),
    ]);
    for (index, (name, query)) in queries.iter().enumerate() {
        world.report(&statistics, query).await;
        assert_eq!(world.reads(), index + 1, "{name} has its own cache key");
    }
    let levels = ServiceLevels {
        low: ServiceLevel { acknowledge: Some(TimeDelta::hours(1)), resolve: None },
        ..ServiceLevels::default()
    };
    let others = [
        world.statistics(world.reports(), levels),
        world.statistics(CachedReports { database: "another".to_owned(), ..world.reports() }, ServiceLevels::default()),
        world.statistics(CachedReports { lifetime: LIFETIME * 2, ..world.reports() }, ServiceLevels::default()),
    ];
    for (index, other) in others.iter().enumerate() {
        world.report(other, &query()).await;
        assert_eq!(world.reads(), queries.len() + index + 1);
    }
}

#[tokio::test]
async fn equivalent_queries_share_one_report() {
    let world = World::new().await;
    let statistics = world.caching();
    let mut one = query();
    (one.span, one.zone) = (None, Tz::Europe__Berlin);
    one.filter.statuses = vec![Status::Open, Status::Closed, Status::Open];
    one.filter.priorities = vec![Priority::Low, Priority::High];
    let mut other = one.clone();
    other.zone = Tz::UTC;
    other.filter.statuses = vec![Status::Closed, Status::Open];
    other.filter.priorities.reverse();
    world.report(&statistics, &one).await;
    world.report(&statistics, &other).await;
    assert_eq!(world.reads(), 1);
}

#[tokio::test]
async fn corrupt_cache_values_are_ignored() {
    let world = World::new().await;
    world.scene.at(Status::Open).await;
    let statistics = world.caching();
    let report = world.report(&statistics, &query()).await;
    let spoil: [fn(&mut Vec<u8>); 3] =
        [Vec::clear, |value| value.truncate(value.len() - 1), |value| value.iter_mut().for_each(|byte| *byte ^= 1)];
    for (index, spoil) in spoil.into_iter().enumerate() {
        world.cache.corrupt(spoil);
        assert_eq!(world.report(&statistics, &query()).await, report);
        assert_eq!(world.reads(), index + 2, "the report was recomputed");
        world.report(&statistics, &query()).await;
        assert_eq!(world.reads(), index + 2, "and remembered again");
    }
}

#[tokio::test]
async fn an_unavailable_cache_or_a_zero_lifetime_only_costs_time() {
    let world = World::new().await;
    let away = CachedReports { cache: Arc::new(UnavailableCache), ..world.reports() };
    let off = CachedReports { lifetime: Duration::ZERO, ..world.reports() };
    for (index, reports) in [away, off].into_iter().enumerate() {
        let statistics = world.statistics(reports, ServiceLevels::default());
        for again in 1..=2 {
            world.report(&statistics, &query()).await;
            assert_eq!(world.reads(), 2 * index + again);
        }
    }
    assert!(world.cache.0.lock().expect("not poisoned").is_empty(), "nothing is remembered");
}
