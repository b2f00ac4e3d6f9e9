//! Kinds and partitions do not delay one another.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use incident_application::kernel::{JobEvent, JobPolicy, JobSettings};
use incident_domain::{kernel::Job, write::ChangeSet};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::scene::{Handler, Scene, quick, settings};

#[tokio::test]
async fn kinds_take_turns_however_many_jobs_one_of_them_has() {
    let scene = Arc::new(Scene::new());
    let order = Arc::<Mutex<Vec<&'static str>>>::default();
    for _ in 0..100 {
        scene.store(scene.job("import.row")).await;
    }
    scene.clock.advance(TimeDelta::seconds(1));
    for _ in 0..5 {
        scene.store(scene.job("page.send")).await;
    }
    let noting = |kind: &'static str| {
        let order = order.clone();
        Handler::new(kind, quick(), move |_| {
            order.lock().expect("not poisoned").push(kind);
            async { Ok(ChangeSet::new()) }
        })
    };
    let one_worker = JobSettings { running_max: 1, ..settings() };
    let runner = scene.runner(one_worker).handling(noting("import.row")).handling(noting("page.send"));
    runner.run_due().await.expect("run");
    let order = order.lock().expect("not poisoned");
    assert_eq!(order.len(), 105);
    let sent = order.iter().take(10).filter(|kind| **kind == "page.send").count();
    assert_eq!(sent, 5, "{:?}", &order[..10]);
}

#[tokio::test]
async fn one_kind_does_not_take_all_workers() {
    let scene = Arc::new(Scene::new());
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..40 {
        scene.store(scene.job("import.row")).await;
    }
    let (now, peak) = (running.clone(), most.clone());
    let counting = Handler::new("import.row", JobPolicy { running_max: 3, ..quick() }, move |_| {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(ChangeSet::new())
        }
    });
    scene.runner(settings()).handling(counting).run_due().await.expect("run");
    assert_eq!((most.load(Ordering::SeqCst), scene.jobs().await.len()), (3, 0));
}

fn to(scene: &Scene, partition: &str) -> Job {
    Job { partition: Some(partition.to_owned()), ..scene.job("webhook.send") }
}

#[tokio::test(start_paused = true)]
async fn a_slow_partition_does_not_delay_the_others() {
    let scene = Arc::new(Scene::new());
    for _ in 0..20 {
        scene.store(to(&scene, "slow")).await;
    }
    scene.clock.advance(TimeDelta::seconds(1));
    let mut others = Vec::new();
    for number in 0..20 {
        others.push(format!("job:{}", scene.store(to(&scene, &format!("other {}", number % 3))).await));
    }
    let (slow, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let done = Arc::new(Notify::new());
    let (world, begun, peak, left) = (scene.clone(), slow.clone(), most.clone(), Arc::new(AtomicUsize::new(20)));
    let finished = done.clone();
    let sending = move |job: Job| {
        let (world, begun, peak, left) = (world.clone(), begun.clone(), peak.clone(), left.clone());
        let finished = finished.clone();
        async move {
            if job.partition.as_deref() == Some("slow") {
                peak.fetch_max(begun.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                finished.notify_one();
            }
            Ok(world.effect(&job))
        }
    };
    let policy = JobPolicy { running_max: 4, partition_running_max: 2, lease: TimeDelta::hours(1), ..quick() };
    let runner = scene.runner(settings()).handling(Handler::new("webhook.send", policy, sending));
    let stop = CancellationToken::new();
    let watch = async {
        timeout(Duration::from_mins(1), done.notified()).await.expect("the others are done");
        stop.cancel();
    };
    futures::join!(runner.run(&stop), watch);
    let mut effects = scene.effects().await;
    effects.sort();
    others.sort();
    assert_eq!(effects, others);
    assert_eq!(most.load(Ordering::SeqCst), 2, "no more of one partition than it may have");
}

#[tokio::test]
async fn a_failing_partition_does_not_delay_the_others() {
    let scene = Arc::new(Scene::new());
    for partition in ["broken", "fine", "broken", "fine", "broken", "fine"] {
        scene.store(to(&scene, partition)).await;
    }
    let world = scene.clone();
    let sending = move |job: Job| {
        let is_broken = job.partition.as_deref() == Some("broken");
        let sent = if is_broken { Err("no answer".into()) } else { Ok(world.effect(&job)) };
        async move { sent }
    };
    let policy = JobPolicy { partition_running_max: 1, ..quick() };
    scene.runner(settings()).handling(Handler::new("webhook.send", policy, sending)).run_due().await.expect("run");
    assert_eq!(scene.effects().await.len(), 3);
    let left = scene.jobs().await;
    assert!(left.len() == 3 && left.iter().all(|job| job.attempts == 1), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn jobs_beyond_the_limit_of_their_partition_are_handed_back_untried() {
    let scene = Arc::new(Scene::new());
    let first = scene.store(to(&scene, "one")).await;
    for _ in 0..3 {
        scene.store(to(&scene, "one")).await;
    }
    // When the first one is done, two others are claimed, of which one may run.
    let attempts = Arc::<Mutex<Vec<u32>>>::default();
    let tried = attempts.clone();
    let policy = JobPolicy { partition_running_max: 2, ..quick() };
    let handler = Handler::new("webhook.send", policy, move |job: Job| {
        tried.lock().expect("not poisoned").push(job.attempts);
        async move {
            sleep(Duration::from_secs(if job.id == first { 1 } else { 2 })).await;
            Ok(ChangeSet::new())
        }
    });
    scene.runner(settings()).handling(handler).run_due().await.expect("run");
    assert_eq!(scene.jobs().await.len(), 0);
    assert_eq!(scene.metrics.count_of(JobEvent::HandedBack), 1);
    assert_eq!(*attempts.lock().expect("not poisoned"), [1; 4], "a job that is handed back keeps its attempts");
}
