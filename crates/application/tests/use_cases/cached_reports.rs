//! Reports that are answered again: when, to whom, and what they say about themselves.

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

/// The store, which counts how often a report reads it.
struct Counting {
    store: Arc<MemoryStore>,
    reads: AtomicUsize,
}

#[async_trait]
impl StatisticsRepository for Counting {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        // Others get their turn meanwhile.
        tokio::task::yield_now().await;
        self.store.times(filter, after, limit).await
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        self.store.status_steps(incidents).await
    }
}

/// A cache whose lifetimes end when the test says so.
#[derive(Default)]
struct Shelf(Mutex<HashMap<CacheKey, (Vec<u8>, Duration)>>);

impl Shelf {
    fn clear(&self) {
        self.0.lock().expect("no test panicked meanwhile").clear();
    }

    fn spoil(&self, how: impl Fn(&mut Vec<u8>)) {
        let mut kept = self.0.lock().expect("no test panicked meanwhile");
        assert!(!kept.is_empty(), "there is something to spoil");
        kept.values_mut().for_each(|(value, _)| how(value));
    }
}

#[async_trait]
impl Cache for Shelf {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        tokio::task::yield_now().await;
        self.0.lock().expect("no test panicked meanwhile").get(key).map(|(value, _)| value.clone())
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        self.0.lock().expect("no test panicked meanwhile").insert(*key, (value, lifetime));
    }
}

/// A cache that is away.
struct Away;

#[async_trait]
impl Cache for Away {
    async fn get(&self, _: &CacheKey) -> Option<Vec<u8>> {
        None
    }

    async fn put(&self, _: &CacheKey, _: Vec<u8>, _: Duration) {}
}

struct World {
    scene: Scene,
    repository: Arc<Counting>,
    shelf: Arc<Shelf>,
    viewer: Principal,
}

impl World {
    async fn new() -> Self {
        let scene = Scene::new();
        let viewer = scene.caller(Role::Viewer).await;
        let repository = Arc::new(Counting { store: scene.store.clone(), reads: AtomicUsize::new(0) });
        Self { scene, repository, shelf: Arc::default(), viewer }
    }

    fn reports(&self) -> CachedReports {
        CachedReports {
            cache: self.shelf.clone(),
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
async fn a_report_is_answered_again_and_says_when_it_was_computed() {
    let world = World::new().await;
    let statistics = world.caching();
    world.scene.at(Status::Resolved).await;
    let first = world.report(&statistics, &query()).await;
    assert_eq!(first.overall.incidents, 1);

    world.scene.at(Status::Open).await;
    world.scene.clock.advance(TimeDelta::seconds(3));
    let other_viewer = world.scene.caller(Role::Viewer).await;
    let again = statistics.report(&other_viewer, &query()).await.expect("a report");
    assert_eq!((&again, world.reads()), (&first, 1), "as it was, with its time, whoever asks");

    world.shelf.clear();
    let anew = world.report(&statistics, &query()).await;
    assert_eq!((anew.overall.incidents, world.reads()), (2, 2));
    assert_eq!(anew.computed_at - first.computed_at, TimeDelta::seconds(3));
}

#[tokio::test]
async fn another_server_of_the_same_database_finds_it() {
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

/// A change to a filter, by its name.
type Named = (&'static str, fn(&mut IncidentFilter));

#[tokio::test]
async fn every_parameter_makes_another_report() {
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
        assert_eq!(world.reads(), index + 1, "{name} is a report of its own");
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
async fn what_means_the_same_is_one_report() {
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
async fn bytes_that_are_none_of_ours_are_not_believed() {
    let world = World::new().await;
    world.scene.at(Status::Open).await;
    let statistics = world.caching();
    let report = world.report(&statistics, &query()).await;
    let spoil: [fn(&mut Vec<u8>); 3] =
        [Vec::clear, |value| value.truncate(value.len() - 1), |value| value.iter_mut().for_each(|byte| *byte ^= 1)];
    for (index, spoil) in spoil.into_iter().enumerate() {
        world.shelf.spoil(spoil);
        assert_eq!(world.report(&statistics, &query()).await, report);
        assert_eq!(world.reads(), index + 2, "it was computed anew");
        world.report(&statistics, &query()).await;
        assert_eq!(world.reads(), index + 2, "and remembered again");
    }
}

#[tokio::test]
async fn a_cache_that_is_away_and_a_lifetime_of_nothing_only_cost_time() {
    let world = World::new().await;
    let away = CachedReports { cache: Arc::new(Away), ..world.reports() };
    let off = CachedReports { lifetime: Duration::ZERO, ..world.reports() };
    for (index, reports) in [away, off].into_iter().enumerate() {
        let statistics = world.statistics(reports, ServiceLevels::default());
        for again in 1..=2 {
            world.report(&statistics, &query()).await;
            assert_eq!(world.reads(), 2 * index + again);
        }
    }
    assert!(world.shelf.0.lock().expect("no test panicked meanwhile").is_empty(), "nothing is remembered");
}
