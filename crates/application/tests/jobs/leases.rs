//! Concurrent workers, and workers that disappeared.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use futures::future::join_all;
use incident_application::kernel::{JobEvent, JobPolicy};
use incident_domain::{
    kernel::{Job, JobState},
    write::{ChangeSet, Store},
};

use crate::scene::{CommitOutcome, FaultyStore, Handler, Scene, quick, settings};

const SEND: &str = "webhook.send";

#[tokio::test]
async fn several_runners_execute_each_job_once() {
    const JOBS: usize = 500;
    let scene = Arc::new(Scene::new());
    let mut expected = Vec::new();
    for _ in 0..JOBS {
        expected.push(format!("job:{}", scene.store(scene.job(SEND)).await));
    }
    let runners: Vec<_> = (0..3)
        .map(|_| scene.runner(settings()).handling(Handler::with_effect(SEND, JobPolicy::default(), &scene)))
        .collect();
    let ended = join_all(runners.iter().map(incident_application::kernel::JobRunner::run_due)).await;
    assert!(ended.iter().all(Result::is_ok));
    let mut effects = scene.effects().await;
    effects.sort();
    expected.sort();
    assert_eq!(effects, expected);
    assert_eq!(scene.metrics.count_of(JobEvent::Claimed), JOBS);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_stores_neither_its_effect_nor_the_end_of_the_job() {
    for first_succeeds in [true, false] {
        let scene = Arc::new(Scene::new());
        let id = scene.store(scene.job(SEND)).await;
        let policy = JobPolicy { lease: TimeDelta::seconds(20), ..quick() };
        let other = Arc::new(scene.runner(settings()).handling(Handler::with_effect(SEND, policy, &scene)));
        let world = scene.clone();
        let paused = move |job| {
            let (world, other) = (world.clone(), other.clone());
            async move {
                // The process is paused for longer than the lease.
                world.clock.advance(TimeDelta::seconds(20));
                other.run_due().await.expect("run");
                if first_succeeds { Ok(world.effect(&job)) } else { Err("too late".into()) }
            }
        };
        scene.runner(settings()).handling(Handler::new(SEND, policy, paused)).run_due().await.expect("run");
        assert_eq!(scene.effects().await, [format!("job:{id}")], "the effect of the other worker");
        assert_eq!(scene.stored(id).await, None);
        let count = |event| scene.metrics.count_of(event);
        assert_eq!((count(JobEvent::Completed), count(JobEvent::Lost), count(JobEvent::Failed)), (1, 1, 0));
    }
}

#[tokio::test]
async fn a_job_whose_worker_disappeared_is_executed_after_its_lease_expired() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    let job = scene.stored(id).await.expect("stored");
    let (now, until) = (job.run_at, job.run_at + TimeDelta::minutes(1));
    let claimed = job.claimed(now, until);
    scene.memory.commit(ChangeSet::new().update(claimed, job.version)).await.expect("stored");

    let runner = scene.runner(settings()).handling(Handler::with_effect(SEND, quick(), &scene));
    runner.run_due().await.expect("run");
    assert_eq!(scene.effects().await, Vec::<String>::new(), "another worker holds it");
    scene.clock.advance(TimeDelta::minutes(1));
    runner.run_due().await.expect("run");
    assert_eq!(scene.effects().await, [format!("job:{id}")]);
}

#[tokio::test]
async fn a_job_that_crashes_its_process_each_time_is_dead_eventually() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(Job { attempts_max: 2, ..scene.job(SEND) }).await;
    let policy = JobPolicy { lease: TimeDelta::seconds(20), ..quick() };
    let attempts = Arc::new(AtomicUsize::new(0));
    for _ in 0..4 {
        // No commit of this worker is stored, as if its process were killed.
        let store = FaultyStore::new(&scene, &[CommitOutcome::NotStored; 8]);
        let tried = attempts.clone();
        let handler = Handler::new(SEND, policy, move |_| {
            tried.fetch_add(1, Ordering::SeqCst);
            async { Err("killed".into()) }
        });
        scene.runner_over(store, settings()).handling(handler).run_due().await.expect("run");
        scene.clock.advance(TimeDelta::seconds(20));
    }
    let job = scene.stored(id).await.expect("kept");
    assert_eq!((job.state, attempts.load(Ordering::SeqCst)), (JobState::Dead, 2));
    assert_eq!(job.last_error.as_deref(), Some("the last attempt never finished"));
}

#[tokio::test]
async fn an_effect_is_stored_once_even_if_a_commit_fails_or_its_reply_is_lost() {
    for outcome in [CommitOutcome::NotStored, CommitOutcome::ReplyLost] {
        let scene = Arc::new(Scene::new());
        let id = scene.store(scene.job(SEND)).await;
        let policy = JobPolicy { lease: TimeDelta::seconds(20), ..quick() };
        let runner = scene.runner_over(FaultyStore::new(&scene, &[outcome]), settings());
        let runner = runner.handling(Handler::with_effect(SEND, policy, &scene));
        for _ in 0..3 {
            runner.run_due().await.expect("run");
            scene.clock.advance(TimeDelta::seconds(20));
        }
        assert_eq!(scene.effects().await, [format!("job:{id}")], "{outcome:?}");
        assert_eq!(scene.stored(id).await, None, "{outcome:?}");
    }
}
