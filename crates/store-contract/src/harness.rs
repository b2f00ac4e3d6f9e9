//! What an adapter provides to be tested.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    identity::{ApiTokenRepository, RefreshTokenRepository, SessionRepository, UserRepository},
    incidents::{
        IncidentNumbers, IncidentRepository, OverviewRepository, SearchRepository, StatisticsRepository,
        TimelineKeyRepository, TimelineRepository,
    },
    kernel::{ActionRepository, EventLog, HealthCheck, JobQueue, LeaseRepository, ReplyRepository},
    work::{CategoryRepository, SavedViewRepository, TaskRepository},
    write::{OrdinaryRepositories, Store},
};

/// An empty store for one case, which opens it one or several times.
#[async_trait]
pub trait Harness: Send + Sync {
    /// Opens the adapter on this harness's data, as a starting process does.
    ///
    /// A case may open several at once, like replicas, and each must see what the others have committed. They share
    /// nothing but the data, which outlives them.
    async fn open(&self) -> Ports;

    /// Removes the data. It is called after every case, also after one that failed, when the case has dropped its
    /// ports. What needs no `await` may be left to `Drop`.
    async fn close(&self) {}
}

/// The ports of one opened store. One value may implement them all.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub records: Arc<dyn OrdinaryRepositories>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub numbers: Arc<dyn IncidentNumbers>,
    pub timeline: Arc<dyn TimelineRepository>,
    pub timeline_keys: Arc<dyn TimelineKeyRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub categories: Arc<dyn CategoryRepository>,
    pub saved_views: Arc<dyn SavedViewRepository>,
    pub search: Arc<dyn SearchRepository>,
    pub statistics: Arc<dyn StatisticsRepository>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub refresh_tokens: Arc<dyn RefreshTokenRepository>,
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    pub events: Arc<dyn EventLog>,
    pub actions: Arc<dyn ActionRepository>,
    pub replies: Arc<dyn ReplyRepository>,
    pub overview: Arc<dyn OverviewRepository>,
    pub jobs: Arc<dyn JobQueue>,
    pub leases: Arc<dyn LeaseRepository>,
    pub health: Arc<dyn HealthCheck>,
}

impl Ports {
    /// Returns all ports of an adapter that implements them on one type.
    pub fn all_of<T>(adapter: Arc<T>) -> Self
    where
        T: Store
            + OrdinaryRepositories
            + IncidentRepository
            + IncidentNumbers
            + TimelineRepository
            + TimelineKeyRepository
            + TaskRepository
            + CategoryRepository
            + SavedViewRepository
            + SearchRepository
            + StatisticsRepository
            + UserRepository
            + SessionRepository
            + RefreshTokenRepository
            + ApiTokenRepository
            + EventLog
            + ActionRepository
            + ReplyRepository
            + OverviewRepository
            + JobQueue
            + LeaseRepository
            + HealthCheck
            + 'static,
    {
        Self {
            store: adapter.clone(),
            records: adapter.clone(),
            incidents: adapter.clone(),
            numbers: adapter.clone(),
            timeline: adapter.clone(),
            timeline_keys: adapter.clone(),
            tasks: adapter.clone(),
            categories: adapter.clone(),
            saved_views: adapter.clone(),
            search: adapter.clone(),
            statistics: adapter.clone(),
            users: adapter.clone(),
            sessions: adapter.clone(),
            refresh_tokens: adapter.clone(),
            api_tokens: adapter.clone(),
            events: adapter.clone(),
            actions: adapter.clone(),
            replies: adapter.clone(),
            overview: adapter.clone(),
            jobs: adapter.clone(),
            leases: adapter.clone(),
            health: adapter,
        }
    }
}
