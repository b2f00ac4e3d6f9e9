//! Measures how many jobs a second workers claim and finish on SQLite: `cargo run --example job_rate`.
//!
//! Each worker claims up to 100 jobs at a time and finishes each of them in a change set of its own.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it measures, and says what it has measured")]

use std::time::Instant;

use chrono::TimeDelta;
use incident_domain::{
    kernel::{Job, JobClaim, JobId, JobKind, JobQueue as _, Timestamp},
    write::{ChangeSet, Store as _},
};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use tokio::task::JoinSet;
use uuid::Uuid;

const JOBS: u32 = 10_000;
const WORKERS: usize = 4;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/incidents.db", folder.path().display());
    incident_migrations::up(&url).await.expect("the schema");
    let store = SeaOrmStore::build(&StoreOptions::new(url)).expect("a store");
    let kind = JobKind::parse("example").expect("a kind");
    let now = Timestamp::UNIX_EPOCH;
    let begun = Instant::now();
    for batch in 0..JOBS / 500 {
        let ids = (batch * 500..(batch + 1) * 500).map(|number| JobId::new(Uuid::from_u128(number.into())));
        let jobs = ids.map(|id| Job::new(id, kind.clone(), "{}".to_owned(), now, now));
        store.commit(ChangeSet::new().insert_all(jobs)).await.expect("a commit");
    }
    println!("inserted {JOBS} jobs in {:?}", begun.elapsed());

    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let claim = JobClaim {
            kinds: vec![kind.clone()],
            busy_partitions: Vec::new(),
            now,
            lease_until: now + TimeDelta::minutes(1),
            jobs_max: 100,
        };
        workers.spawn(work(store.clone(), claim));
    }
    let finished: usize = workers.join_all().await.iter().sum();
    let seconds = begun.elapsed().as_secs_f64();
    println!("claimed and finished {finished} jobs in {seconds:.2} s: {:.0} a second", f64::from(JOBS) / seconds);
    store.close().await;
}

async fn work(store: SeaOrmStore, claim: JobClaim) -> usize {
    let mut finished = 0;
    loop {
        let jobs = store.claim(&claim).await.expect("a claim");
        if jobs.is_empty() {
            return finished;
        }
        finished += jobs.len();
        let mut commits = JoinSet::new();
        for job in jobs {
            let store = store.clone();
            commits.spawn(async move { store.commit(ChangeSet::new().delete(&job)).await });
        }
        for outcome in commits.join_all().await {
            outcome.expect("a commit");
        }
    }
}
