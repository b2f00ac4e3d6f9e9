//! Administration of jobs.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_application::kernel::{
    Command, CommandPorts, CommandRunner, Forbidden, JobError, JobRule, Jobs, Precondition, Principal, QueryError,
};
use incident_domain::{
    identity::Role,
    kernel::{Clock, EventLog, Job, JobFilter, JobId, JobState, Origin, PageRequest, PageSize, UserId},
    write::{ChangeSet, Store},
};
use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::scene::{Handler, Scene, kind, quick, settings};

const SEND: &str = "webhook.send";

fn jobs(scene: &Scene) -> Jobs {
    let (store, clock) = (scene.memory.clone(), scene.clock.clone());
    let ports = CommandPorts { store, clock, ids: scene.ids.clone() };
    Jobs::new(Arc::new(CommandRunner::new(ports)), scene.memory.clone(), scene.waker.clone())
}

fn caller(role: Role) -> Principal {
    Principal::user(UserId::new(Uuid::from_u128(9)), role, Origin::default())
}

fn dead(scene: &Scene) -> Job {
    let error = Some("no answer".to_owned());
    Job { state: JobState::Dead, attempts: 10, last_error: error, ..scene.job(SEND) }
}

const FIRST_PAGE: PageRequest<JobId> = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };

#[tokio::test]
async fn only_administrators_list_and_inspect_jobs() {
    let scene = Scene::new();
    let (open, failed) = (scene.store(scene.job("page.send")).await, scene.store(dead(&scene)).await);
    let admin = caller(Role::Admin);
    let page = jobs(&scene).list(&admin, &JobFilter::default(), FIRST_PAGE).await.expect("jobs");
    assert_eq!(page.items.iter().map(|job| job.id).collect::<Vec<_>>(), [failed, open]);
    let only_dead = JobFilter { state: Some(JobState::Dead), ..JobFilter::default() };
    let page = jobs(&scene).list(&admin, &only_dead, FIRST_PAGE).await.expect("jobs");
    assert_eq!((page.items.len(), page.total), (1, Some(1)));
    let job = jobs(&scene).get(&admin, failed).await.expect("there");
    assert_eq!(job.last_error.as_deref(), Some("no answer"));
    let counts = jobs(&scene).counts(&admin).await.expect("counts");
    let of_send = counts.iter().find(|counts| counts.kind == kind(SEND)).expect("some");
    assert_eq!((of_send.open, of_send.dead), (0, 1));

    let manager = caller(Role::Manager);
    let forbidden = QueryError::Forbidden(Forbidden::Role { needed: Role::Admin }).to_string();
    let refused = jobs(&scene).list(&manager, &JobFilter::default(), FIRST_PAGE).await;
    assert_eq!(refused.expect_err("refused").to_string(), forbidden);
    assert_eq!(jobs(&scene).get(&manager, failed).await.expect_err("refused").to_string(), forbidden);
    assert_eq!(jobs(&scene).counts(&manager).await.expect_err("refused").to_string(), forbidden);
}

#[tokio::test(start_paused = true)]
async fn a_dead_job_that_is_run_again_is_executed_at_once() {
    let scene = Arc::new(Scene::new());
    let id = scene.store(dead(&scene)).await;
    let runner = scene.runner(settings()).handling(Handler::with_effect(SEND, quick(), &scene));
    let stop = CancellationToken::new();
    let again = async {
        sleep(Duration::from_millis(10)).await;
        let none = Precondition::None;
        let job = jobs(&scene).run_again(Command::new(&caller(Role::Admin)), id, &none).await.expect("run again");
        assert_eq!((job.state, job.attempts, job.run_at), (JobState::Open, 0, scene.clock.now()));
        let done = async {
            while scene.stored(id).await.is_some() {
                yield_now().await;
            }
        };
        timeout(Duration::from_millis(1), done).await.expect("the runner was woken");
        stop.cancel();
    };
    futures::join!(runner.run(&stop), again);
    let events = scene.memory.after(0, 10).await.expect("readable");
    let kinds: Vec<&str> = events.iter().map(|logged| logged.event.kind.as_str()).collect();
    assert_eq!(kinds, ["job.run_again.v1", "effect.v1"]);
}

#[tokio::test]
async fn running_a_waiting_job_again_makes_it_due_and_leaves_a_running_job_unchanged() {
    let scene = Scene::new();
    let (admin, none) = (caller(Role::Admin), Precondition::None);
    let later = Job { run_at: scene.clock.now() + TimeDelta::hours(1), attempts: 4, ..scene.job(SEND) };
    let id = scene.store(later).await;
    let job = jobs(&scene).run_again(Command::new(&admin), id, &none).await.expect("run again");
    assert_eq!((job.run_at, job.attempts), (scene.clock.now(), 0));

    let held = job.claimed(scene.clock.now(), scene.clock.now() + TimeDelta::minutes(1));
    scene.memory.commit(ChangeSet::new().update(held.clone(), job.version)).await.expect("stored");
    let same = jobs(&scene).run_again(Command::new(&admin), id, &none).await.expect("fine");
    assert_eq!((&same, scene.stored(id).await.as_ref()), (&held, Some(&held)));
}

#[tokio::test]
async fn a_dead_job_is_not_run_again_while_another_one_does_its_work() {
    let scene = Scene::new();
    let key = Some("endpoint 7".to_owned());
    let id = scene.store(Job { dedup_key: key.clone(), ..dead(&scene) }).await;
    scene.store(Job { dedup_key: key, ..scene.job(SEND) }).await;
    let again = jobs(&scene).run_again(Command::new(&caller(Role::Admin)), id, &Precondition::None).await;
    assert!(matches!(again, Err(JobError::Rule(JobRule::Superseded))), "{again:?}");
}
