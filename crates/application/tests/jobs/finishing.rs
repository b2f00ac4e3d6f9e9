//! Outcomes of an attempt.

use std::sync::Arc;

use chrono::TimeDelta;
use incident_application::kernel::{JobEvent, JobFailure, JobPolicy};
use incident_domain::{
    kernel::{Clock, IdGenerator, Job, JobState, RecordId, Version},
    work::{Category, CategoryId, CategoryName},
    write::{AnyRecord, Change, ChangeSet, EditableId},
};

use crate::scene::{FaultyStore, Handler, Scene, quick, settings};

const SEND: &str = "webhook.send";

#[tokio::test]
async fn the_changes_of_a_job_and_its_completion_are_one_change_set() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(scene.job(SEND)).await;
    let store = FaultyStore::new(&scene, &[]);
    let runner = scene.runner_over(store.clone(), settings());
    runner.handling(Handler::with_effect(SEND, JobPolicy::default(), &scene)).run_due().await.expect("run");

    assert_eq!(scene.stored(id).await, None);
    assert_eq!(scene.effects().await, [format!("job:{id}")]);
    let commits = store.commits.lock().expect("not poisoned");
    let [set] = commits.as_slice() else { panic!("{commits:?}") };
    assert!(
        matches!(set.changes(), [
            Change::Delete { id: EditableId::Job(deleted), .. },
            Change::Insert(AnyRecord::Event(_)),
        ] if *deleted == id),
        "{set:?}"
    );
    assert_eq!(scene.metrics.count_of(JobEvent::Claimed), 1);
    assert_eq!(scene.metrics.count_of(JobEvent::Completed), 1);
}

#[tokio::test]
async fn a_failed_job_waits_for_its_backoff_and_is_dead_after_its_last_attempt() {
    let scene = Scene::new();
    let job = scene.job(SEND);
    let id = scene.store(Job { attempts_max: 3, ..job }).await;
    let fails = |_| async { Err(std::io::Error::other("the receiver answered 503").into()) };
    let runner = scene.runner(settings()).handling(Handler::new(SEND, quick(), fails));
    for attempt in 1..=3 {
        let now = scene.clock.now();
        runner.run_due().await.expect("run");
        let job = scene.stored(id).await.expect("kept");
        assert_eq!((job.attempts, job.lease_until), (attempt, None));
        assert_eq!(job.last_error.as_deref(), Some("the receiver answered 503"));
        assert!((now + TimeDelta::milliseconds(500)..=now + TimeDelta::seconds(1)).contains(&job.run_at), "{job:?}");
        assert_eq!(job.state, if attempt == 3 { JobState::Dead } else { JobState::Open });
        runner.run_due().await.expect("run");
        assert_eq!(scene.stored(id).await, Some(job), "it is not due yet");
        scene.clock.advance(TimeDelta::seconds(1));
    }
    runner.run_due().await.expect("run");
    assert_eq!(scene.metrics.count_of(JobEvent::Claimed), 3, "a dead job is not tried again");
    assert_eq!((scene.metrics.count_of(JobEvent::Failed), scene.metrics.count_of(JobEvent::Dead)), (2, 1));
}

#[tokio::test]
async fn the_causes_of_a_failure_are_stored_with_it() {
    #[derive(Debug, thiserror::Error)]
    #[error("the message was not sent")]
    struct NotSent(#[source] std::io::Error);

    let scene = Scene::new();
    let id = scene.store(scene.job(SEND)).await;
    let fails = |_| async { Err(NotSent(std::io::Error::other("no route to the host")).into()) };
    scene.runner(settings()).handling(Handler::new(SEND, quick(), fails)).run_due().await.expect("run");
    let error = scene.stored(id).await.expect("kept").last_error;
    assert_eq!(error.as_deref(), Some("the message was not sent: no route to the host"));
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_own_job_only() {
    let scene = Arc::new(Scene::new());
    let (bad, good) = (scene.store(scene.job("report.draw")).await, scene.store(scene.job(SEND)).await);
    let runner = scene
        .runner(settings())
        .handling(Handler::new("report.draw", quick(), |_| async { panic!("a defect") }))
        .handling(Handler::with_effect(SEND, quick(), &scene));
    runner.run_due().await.expect("run");
    assert_eq!(scene.stored(bad).await.expect("kept").last_error.as_deref(), Some("the handler panicked"));
    assert_eq!(scene.effects().await, [format!("job:{good}")]);
}

#[tokio::test]
async fn conflicting_changes_fail_the_attempt_and_leave_no_trace() {
    let scene = Arc::new(Scene::new());
    let category = Category {
        id: CategoryId::from_uuid(scene.ids.next_id()),
        name: CategoryName::parse("Calls").expect("a name"),
        created_at: scene.clock.now(),
        updated_at: scene.clock.now(),
        version: Version::FIRST,
    };
    let id = scene.store(scene.job(SEND)).await;
    let world = scene.clone();
    let twice = move |job| {
        let changes = world.effect(&job).insert(category.clone());
        let again = Category { id: CategoryId::from_uuid(world.ids.next_id()), ..category.clone() };
        async move { Ok::<ChangeSet, JobFailure>(changes.insert(again)) }
    };
    scene.runner(settings()).handling(Handler::new(SEND, quick(), twice)).run_due().await.expect("run");
    let job = scene.stored(id).await.expect("kept");
    assert_eq!(job.last_error.as_deref(), Some("the changes could not be stored: category name is taken"));
    assert_eq!(scene.effects().await, Vec::<String>::new());
    assert_eq!(scene.metrics.count_of(JobEvent::Failed), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_longer_than_its_lease_is_cancelled() {
    let scene = Scene::new();
    let id = scene.store(scene.job(SEND)).await;
    let policy = JobPolicy { lease: TimeDelta::seconds(20), ..quick() };
    let begun = tokio::time::Instant::now();
    let stuck = Handler::new(SEND, policy, |_| std::future::pending());
    scene.runner(settings()).handling(stuck).run_due().await.expect("run");
    assert_eq!(begun.elapsed().as_secs(), 20);
    let error = scene.stored(id).await.expect("kept").last_error;
    assert_eq!(error.as_deref(), Some("the attempt took longer than its lease of 20 s"));
}
