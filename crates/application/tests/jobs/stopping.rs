//! Stopping a runner.

use std::{sync::Arc, time::Duration};

use incident_application::kernel::{JobEvent, JobPolicy};
use incident_domain::{kernel::JobState, write::ChangeSet};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::scene::{Handler, Scene, quick, settings};

const SEND: &str = "webhook.send";

/// Runs a handler that takes this long, and stops the runner once it has started.
async fn stop_while_running(scene: &Arc<Scene>, takes: Duration) {
    let (begun, stop) = (Arc::new(Notify::new()), CancellationToken::new());
    let (begins, world) = (begun.clone(), scene.clone());
    let slow = Handler::new(SEND, quick(), move |job| {
        begins.notify_one();
        let world = world.clone();
        async move {
            sleep(takes).await;
            Ok(world.effect(&job))
        }
    });
    let runner = scene.runner(settings()).handling(slow);
    let stopping = async {
        begun.notified().await;
        stop.cancel();
    };
    futures::join!(runner.run(&stop), stopping);
}

#[tokio::test(start_paused = true)]
async fn running_jobs_may_finish_for_a_while() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    stop_while_running(&scene, Duration::from_millis(900)).await;
    assert_eq!(scene.effects().await, [format!("job:{id}")]);
    assert_eq!(scene.metrics.count_of(JobEvent::HandedBack), 0);
}

#[tokio::test(start_paused = true)]
async fn jobs_that_do_not_finish_in_time_are_cancelled_and_handed_back() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    stop_while_running(&scene, Duration::from_millis(1_100)).await;
    let job = scene.stored(id).await.expect("kept");
    assert_eq!((job.state, job.attempts, job.lease_until), (JobState::Open, 0, None));
    assert_eq!(scene.metrics.count_of(JobEvent::HandedBack), 1);

    let runner = scene.runner(settings()).handling(Handler::with_effect(SEND, JobPolicy::default(), &scene));
    runner.run_due().await.expect("run");
    assert_eq!(scene.effects().await, [format!("job:{id}")], "another runner does it at once");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_after_the_stop() {
    let scene = Scene::new();
    let id = scene.store(scene.job(SEND)).await;
    let runner = scene.runner(settings()).handling(Handler::new(SEND, quick(), |_| async { Ok(ChangeSet::new()) }));
    let stop = CancellationToken::new();
    stop.cancel();
    runner.run(&stop).await;
    assert_eq!(scene.stored(id).await.expect("untouched").attempts, 0);
}
