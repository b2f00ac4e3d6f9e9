//! When the runner polls for due jobs, and its metrics.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_application::kernel::JobSettings;
use incident_domain::{
    kernel::{Job, JobState},
    write::ChangeSet,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::scene::{Handler, Scene, quick, settings};

const SEND: &str = "webhook.send";

/// A handler that signals when a job is done.
fn signalling(done: &Arc<Notify>) -> Handler {
    let done = done.clone();
    Handler::new(SEND, quick(), move |_| {
        done.notify_one();
        async { Ok(ChangeSet::new()) }
    })
}

#[tokio::test(start_paused = true)]
async fn a_woken_runner_does_not_wait_for_the_next_poll() {
    let (scene, done, stop) = (Scene::new(), Arc::new(Notify::new()), CancellationToken::new());
    let rarely = JobSettings { poll_interval: Duration::from_hours(1), ..settings() };
    let runner = scene.runner(rarely).handling(signalling(&done));
    let waking = async {
        sleep(Duration::from_secs(10)).await;
        scene.store(scene.job(SEND)).await;
        let stored = Instant::now();
        scene.waker.wake();
        done.notified().await;
        assert_eq!(stored.elapsed(), Duration::ZERO);
        stop.cancel();
    };
    futures::join!(runner.run(&stop), waking);
}

#[tokio::test(start_paused = true)]
async fn jobs_stored_by_other_processes_are_found_at_the_next_poll() {
    let (scene, done, stop) = (Scene::new(), Arc::new(Notify::new()), CancellationToken::new());
    let every_minute = JobSettings { poll_interval: Duration::from_mins(1), ..settings() };
    let runner = scene.runner(every_minute).handling(signalling(&done));
    let storing = async {
        sleep(Duration::from_secs(10)).await;
        scene.store(scene.job(SEND)).await;
        let stored = Instant::now();
        done.notified().await;
        assert_eq!(stored.elapsed(), Duration::from_secs(50));
        stop.cancel();
    };
    futures::join!(runner.run(&stop), storing);
}

#[tokio::test(start_paused = true)]
async fn the_number_and_the_delay_of_jobs_are_measured() {
    let (scene, stop) = (Scene::new(), CancellationToken::new());
    // No process has claimed a job for two minutes.
    scene.store(scene.job("page.send")).await;
    for state in [JobState::Open, JobState::Dead, JobState::Dead] {
        scene.clock.advance(TimeDelta::seconds(1));
        scene.store(Job { state, ..scene.job("page.send") }).await;
    }
    scene.clock.advance(TimeDelta::minutes(2));
    let nothing = JobSettings { running_max: 0, ..settings() };
    let runner = scene.runner(nothing).handling(signalling(&Arc::default()));
    let runner = runner.handling(Handler::new("page.send", quick(), |_| async { Ok(ChangeSet::new()) }));
    let watching = async {
        sleep(Duration::from_secs(1)).await;
        stop.cancel();
    };
    futures::join!(runner.run(&stop), watching);
    assert_eq!(scene.metrics.queue_of("page.send"), Some((2, 2, Duration::from_secs(123))));
    assert_eq!(scene.metrics.queue_of(SEND), Some((0, 0, Duration::ZERO)));
}
