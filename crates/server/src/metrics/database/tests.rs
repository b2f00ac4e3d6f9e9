use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use incident_domain::kernel::{HealthError, StoreError, Timestamp};

use super::*;
use crate::system::SystemClock;

/// A database that can be unavailable or hang while counting, and that counts its calls.
#[derive(Default)]
struct Database {
    is_unavailable: AtomicBool,
    hangs_while_counting: AtomicBool,
    checks: AtomicU32,
    counts: AtomicU32,
}

#[async_trait]
impl HealthCheck for Database {
    async fn check(&self) -> Result<(), HealthError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        if self.is_unavailable.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable(std::fmt::Error).into());
        }
        Ok(())
    }
}

#[async_trait]
impl OverviewRepository for Database {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        self.counts.fetch_add(1, Ordering::SeqCst);
        if self.hangs_while_counting.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(Status::ALL.iter().map(|status| (*status, 3)).collect())
    }

    async fn live_sessions(&self, _: Timestamp, _: TimeDelta) -> Result<u64, StoreError> {
        Ok(5)
    }
}

fn metrics(database: &Arc<Database>) -> DatabaseMetrics {
    let ports =
        DatabaseMetricsPorts { database: database.clone(), overview: database.clone(), clock: Arc::new(SystemClock) };
    DatabaseMetrics::new(ports, Duration::from_hours(1))
}

#[tokio::test]
async fn fresh_results_are_not_read_again() {
    let database = Arc::default();
    let metrics = metrics(&database);
    let first = metrics.text().await;
    assert!(first.contains("\nincident_sessions_live 5\n"), "{first}");
    assert!(first.contains("\nincident_incidents{status=\"on_hold\"} 3\n"), "{first}");
    for _ in 0..10 {
        assert_eq!(metrics.text().await, first);
    }
    let calls = (database.checks.load(Ordering::SeqCst), database.counts.load(Ordering::SeqCst));
    assert_eq!(calls, (1, 1));
}

#[tokio::test]
async fn counts_are_left_out_while_the_database_is_unavailable() {
    let database: Arc<Database> = Arc::default();
    database.is_unavailable.store(true, Ordering::SeqCst);
    let text = metrics(&database).text().await;
    assert!(text.ends_with("\nincident_store_up 0\n") && !text.contains("incident_incidents"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_while_counting_delays_no_reader_beyond_the_timeout() {
    let database: Arc<Database> = Arc::default();
    database.hangs_while_counting.store(true, Ordering::SeqCst);
    let started = tokio::time::Instant::now();
    let text = metrics(&database).text().await;
    assert!(started.elapsed() <= COUNT_TIMEOUT, "{:?}", started.elapsed());
    assert!(text.ends_with("\nincident_store_up 1\n"), "the health check succeeded: {text}");
}
