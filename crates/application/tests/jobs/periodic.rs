//! Periodic jobs.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::join_all;
use incident_application::kernel::{JobEvent, JobPolicy};
use incident_domain::{
    kernel::{Clock, JobState},
    write::{AnyRecord, Change},
};

use crate::scene::{FaultyStore, Handler, Scene, settings};

const TIDY: &str = "maintenance.tidy";

fn every_minute() -> JobPolicy {
    JobPolicy::every(TimeDelta::minutes(1))
}

#[tokio::test]
async fn there_is_one_job_of_a_periodic_kind_however_many_runners_start() {
    let scene = Arc::new(Scene::new());
    let runners: Vec<_> =
        (0..3).map(|_| scene.runner(settings()).handling(Handler::with_effect(TIDY, every_minute(), &scene))).collect();
    for _ in 0..2 {
        assert!(
            join_all(runners.iter().map(incident_application::kernel::JobRunner::run_due))
                .await
                .iter()
                .all(Result::is_ok)
        );
    }
    assert_eq!(scene.effects().await.len(), 1, "it ran once");
    let jobs = scene.jobs().await;
    let [next] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!(next.run_at, scene.clock.now() + TimeDelta::minutes(1));
    scene.clock.advance(TimeDelta::minutes(1));
    assert!(
        join_all(runners.iter().map(incident_application::kernel::JobRunner::run_due)).await.iter().all(Result::is_ok)
    );
    assert_eq!(scene.effects().await.len(), 2);
}

#[tokio::test]
async fn the_next_run_is_stored_together_with_the_end_of_this_one() {
    let scene = Arc::new(Scene::new());
    let store = FaultyStore::new(&scene, &[]);
    let runner = scene.runner_over(store.clone(), settings());
    runner.handling(Handler::with_effect(TIDY, every_minute(), &scene)).run_due().await.expect("run");
    let commits = store.commits.lock().expect("not poisoned");
    let is_end = |change: &Change| matches!(change, Change::Delete { .. });
    let end = commits.iter().find(|set| set.changes().iter().any(is_end)).expect("an end");
    let is_next = |change: &Change| matches!(change, Change::Insert(AnyRecord::Job(_)));
    assert_eq!(end.changes().iter().filter(|change| is_next(change)).count(), 1, "{end:?}");
}

#[tokio::test]
async fn a_failing_periodic_job_is_retried_and_never_dead() {
    let scene = Scene::new();
    let runner = scene.runner(settings()).handling(Handler::new(TIDY, every_minute(), |_| async { Err("no".into()) }));
    for _ in 0..50 {
        runner.run_due().await.expect("run");
        scene.clock.advance(TimeDelta::minutes(1));
    }
    let jobs = scene.jobs().await;
    let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!((job.state, job.attempts, job.last_error.as_deref()), (JobState::Open, 50, Some("no")));
    assert_eq!(scene.metrics.count_of(JobEvent::Failed), 50);
}
