use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use incident_domain::{
    Timestamp,
    ports::{HealthError, StoreError},
};

use super::*;

/// A database that can be away, or busy for ever, and knows how often it was asked.
#[derive(Default)]
struct Database {
    is_away: AtomicBool,
    is_stuck: AtomicBool,
    checks: AtomicU32,
    counts: AtomicU32,
}

#[async_trait]
impl HealthCheck for Database {
    async fn check(&self) -> Result<(), HealthError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable(std::fmt::Error).into());
        }
        Ok(())
    }
}

#[async_trait]
impl OverviewRepository for Database {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        self.counts.fetch_add(1, Ordering::SeqCst);
        if self.is_stuck.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(Status::ALL.iter().map(|status| (*status, 3)).collect())
    }

    async fn live_sessions(&self, _: Timestamp, _: TimeDelta) -> Result<u64, StoreError> {
        Ok(5)
    }
}

fn overview(database: &Arc<Database>) -> Overview {
    let (clock, overview) = (Arc::new(crate::machine::SystemClock), database.clone());
    Overview::new(OverviewPorts { database: database.clone(), overview, clock }, Duration::from_hours(1))
}

#[tokio::test]
async fn what_is_known_is_not_asked_again_at_once() {
    let database = Arc::default();
    let overview = overview(&database);
    let first = overview.text().await;
    assert!(first.contains("\nincident_sessions_live 5\n"), "{first}");
    assert!(first.contains("\nincident_incidents{status=\"on_hold\"} 3\n"), "{first}");
    for _ in 0..10 {
        assert_eq!(overview.text().await, first);
    }
    let asked = (database.checks.load(Ordering::SeqCst), database.counts.load(Ordering::SeqCst));
    assert_eq!(asked, (1, 1));
}

#[tokio::test]
async fn of_a_database_that_is_away_nothing_else_is_told() {
    let database: Arc<Database> = Arc::default();
    database.is_away.store(true, Ordering::SeqCst);
    let text = overview(&database).text().await;
    assert!(text.ends_with("\nincident_store_up 0\n") && !text.contains("incident_incidents"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_counts_for_ever_keeps_nobody_waiting_so_long() {
    let database: Arc<Database> = Arc::default();
    database.is_stuck.store(true, Ordering::SeqCst);
    let begun = tokio::time::Instant::now();
    let text = overview(&database).text().await;
    assert!(begun.elapsed() <= COUNTING_MAX, "{:?}", begun.elapsed());
    assert!(text.ends_with("\nincident_store_up 1\n"), "it does answer: {text}");
}
