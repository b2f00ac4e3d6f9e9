//! What committing together is worth: many callers who each open an incident, once through the committer
//! and once with a transaction for every caller, through the same ORM, on the same database, in turn.
//!
//! `cargo bench -p incident-store-seaorm --bench committer`; with `BENCH_POSTGRES_URL` also on PostgreSQL.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on has to stop")]

#[path = "../../tests/databases/mod.rs"]
mod databases;
#[path = "../../src/row/mod.rs"]
mod row;

mod baseline;
mod opening;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use incident_domain::{ChangeSet, ports::Store as _};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};

use baseline::Baseline;
use databases::{PostgresDatabase, SqliteDatabase};
use opening::Opening;

/// Both sides allocate much; a faster allocator leaves more of the time to what is compared.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
const ROUND_MS: u64 = 1_500;
const CALLERS: [usize; 2] = [64, 1];

#[tokio::main]
async fn main() {
    println!(
        "{:<12} {:>8} {:>24} {:>18} {:>7}",
        "database", "callers", "transaction each, c/s", "committer, c/s", "ratio"
    );
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    let sqlite = SqliteDatabase::create_in(folder).await;
    measure("SQLite FULL", &sqlite.url).await;

    let Ok(server_url) = std::env::var("BENCH_POSTGRES_URL") else {
        println!("PostgreSQL   NOT MEASURED: set BENCH_POSTGRES_URL to the url of a server");
        return;
    };
    let postgres = PostgresDatabase::create_on(server_url).await;
    measure("PostgreSQL", &postgres.url).await;
    postgres.remove().await;
}

async fn measure(database: &str, url: &str) {
    let store = SeaOrmStore::build(&StoreOptions::new(url)).expect("a store");
    let baseline = Arc::new(Baseline::connect(url).await);
    let opening = Arc::new(Opening::default());
    store.commit(opening.reporter()).await.expect("a reporter");

    for callers in CALLERS {
        let (mut each, mut together) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let baseline = Arc::clone(&baseline);
            each.push(
                round(callers, &opening, move |changes| {
                    let baseline = Arc::clone(&baseline);
                    async move { baseline.commit(changes).await }
                })
                .await,
            );
            let store = store.clone();
            together.push(
                round(callers, &opening, move |changes| {
                    let store = store.clone();
                    async move { store.commit(changes).await.expect("a commit") }
                })
                .await,
            );
        }
        let (each, together) = (median(each), median(together));
        println!("{database:<12} {callers:>8} {each:>24.0} {together:>18.0} {:>6.1}x", together / each);
    }
    store.close().await;
    baseline.close().await;
}

/// Commits per second of this many callers, each of whom opens one incident after the other.
async fn round<F, C>(callers: usize, opening: &Arc<Opening>, commit: F) -> f64
where
    F: Fn(ChangeSet) -> C + Clone + Send + 'static,
    C: Future<Output = ()> + Send,
{
    let commits = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let end = start + Duration::from_millis(ROUND_MS);
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let (commits, opening, commit) = (Arc::clone(&commits), Arc::clone(opening), commit.clone());
            tokio::spawn(async move {
                while Instant::now() < end {
                    commit(opening.next()).await;
                    commits.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a caller");
    }
    let count = u32::try_from(commits.load(Ordering::Relaxed)).expect("a count");
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
