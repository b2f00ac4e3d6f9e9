//! Clock steps forward and back while jobs wait and run.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use futures::future::join_all;
use incident_application::kernel::{JobEvent, JobPolicy, JobRunner};
use incident_domain::{
    kernel::{Clock, Job},
    write::{ChangeSet, Store},
};
use tokio::task::yield_now;

use crate::scene::{Handler, Scene, quick, settings};

const SEND: &str = "webhook.send";
const HOUR: TimeDelta = TimeDelta::hours(1);

#[tokio::test]
async fn a_clock_that_is_set_back_takes_no_job_from_its_worker() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    let other = Arc::new(scene.runner(settings()).handling(Handler::with_effect(SEND, quick(), &scene)));
    let world = scene.clone();
    let set_back = move |job| {
        let (world, other) = (world.clone(), other.clone());
        async move {
            world.clock.advance(-HOUR);
            other.run_due().await.expect("run");
            Ok(world.effect(&job))
        }
    };
    scene.runner(settings()).handling(Handler::new(SEND, quick(), set_back)).run_due().await.expect("run");
    assert_eq!(scene.effects().await, [format!("job:{id}")]);
    assert_eq!(scene.stored(id).await, None);
    assert_eq!((scene.metrics.count_of(JobEvent::Claimed), scene.metrics.count_of(JobEvent::Lost)), (1, 0));
}

/// The lease expires by the clock that granted it, so the job waits longer but is not lost.
#[tokio::test]
async fn a_job_whose_worker_disappeared_before_the_clock_was_set_back_is_executed_eventually() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    let job = scene.stored(id).await.expect("stored");
    let claimed = job.claimed(scene.clock.now(), scene.clock.now() + TimeDelta::minutes(1));
    scene.memory.commit(ChangeSet::new().update(claimed, job.version)).await.expect("stored");
    let runner = scene.runner(settings()).handling(Handler::with_effect(SEND, quick(), &scene));
    for (step, effects) in [(-HOUR, 0), (HOUR, 0), (TimeDelta::minutes(1), 1), (-HOUR, 1), (HOUR, 1)] {
        scene.clock.advance(step);
        runner.run_due().await.expect("run");
        assert_eq!(scene.effects().await.len(), effects, "after {step}");
    }
}

#[tokio::test]
async fn each_job_has_one_effect_however_the_clock_steps() {
    const JOBS: usize = 100;
    const STEP_SECONDS_MAX: i64 = 180;
    const TURNS_MAX: u32 = 200;
    let scene = Arc::new(Scene::new());
    let start = scene.clock.now();
    let mut expected = Vec::new();
    for _ in 0..JOBS {
        let job = Job { attempts_max: u32::MAX, ..scene.job(SEND) };
        expected.push(format!("job:{}", scene.store(job).await));
    }
    let random = Arc::new(Mutex::new(fastrand::Rng::with_seed(11)));
    let stepping = || {
        let (world, random) = (scene.clone(), random.clone());
        Handler::new(SEND, JobPolicy { lease: TimeDelta::seconds(60), ..quick() }, move |job| {
            let (world, random) = (world.clone(), random.clone());
            async move {
                let (step, turns) = {
                    let mut random = random.lock().expect("not poisoned");
                    (random.i64(-STEP_SECONDS_MAX..=STEP_SECONDS_MAX), random.u32(..TURNS_MAX))
                };
                world.clock.advance(TimeDelta::seconds(step));
                // Some attempts take longer than others.
                for _ in 0..turns {
                    yield_now().await;
                }
                Ok(world.effect(&job))
            }
        })
    };
    let runners: Vec<JobRunner> = (0..3).map(|_| scene.runner(settings()).handling(stepping())).collect();
    while !scene.jobs().await.is_empty() {
        let ended = join_all(runners.iter().map(JobRunner::run_due)).await;
        assert!(ended.iter().all(Result::is_ok));
        scene.clock.set(start.max(scene.clock.now()) + HOUR);
    }
    let mut effects = scene.effects().await;
    effects.sort();
    expected.sort();
    assert_eq!(effects, expected);
    assert!(scene.metrics.count_of(JobEvent::Lost) > 0, "no lease expired while a job ran");
}
