//! Jobs and leases, seen from inside.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{Conflict, Job, JobClaim, JobQueue as _, LeaseRepository as _, Record as _},
    write::ChangeSet,
};
use incident_store_contract::scene::{Scene, job_kind};

use super::{Recorded, conflict};

#[tokio::test]
async fn a_claim_is_one_statement_that_reads_the_jobs_of_each_kind_in_the_order_of_the_index() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let busy_partitions = vec![(job_kind("a"), "busy".to_owned())];
    let claim = JobClaim { busy_partitions, ..scene.claim_of(&["a", "b", "c"]) };
    recorded.store.claim(&claim).await.expect("a claim");
    let sent = recorded.written.take();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    let plan = recorded.plan(&sent.concat()).await;
    let searches = plan.iter().filter(|step| step.contains("jobs_due (state=? AND kind=?)")).count();
    assert_eq!(searches, 3, "{plan:#?}");
    assert!(!plan.iter().any(|step| step.starts_with("SCAN jobs")), "{plan:#?}");
    let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
    assert_eq!(sorts, 1, "only what the kinds together have found is sorted: {plan:#?}");
}

#[tokio::test]
async fn jobs_that_several_workers_finish_share_a_transaction_with_other_sets() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let jobs: Vec<Job> = (0..20).map(|_| scene.job("a")).collect();
    scene.commit(ChangeSet::new().insert_all(jobs.clone())).await;
    let mut sets: Vec<ChangeSet> = jobs.iter().map(|job| ChangeSet::new().delete(job)).collect();
    sets.push(ChangeSet::new().delete(&jobs[0]));
    sets.push(ChangeSet::new().insert(scene.event()));
    recorded.written.take();
    let outcomes = recorded.store.commit_as_one_batch(sets).await;
    let refused: Vec<_> = outcomes.iter().filter_map(conflict).collect();
    assert_eq!(refused, [Conflict::Missing(Job::KIND)], "a job is finished once");
    let sent = recorded.written.take();
    let deletions = sent.iter().filter(|text| text.starts_with("DELETE FROM \"jobs\"")).count();
    assert_eq!((deletions, sent.len()), (20, 22), "one query for the refused set, and one insert: {sent:#?}");
    assert_eq!(recorded.store.counts().await.expect("the counts"), []);
}

#[tokio::test]
async fn a_job_that_plans_its_successor_keeps_the_order_of_its_set() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let with_key = || Job { dedup_key: Some("key".to_owned()), ..scene.job("a") };
    let first = with_key();
    scene.commit(ChangeSet::new().insert(first.clone())).await;
    let too_early = || ChangeSet::new().insert(with_key()).delete(&first);
    let outcomes = recorded.store.commit_as_one_batch(vec![too_early(), too_early()]).await;
    let taken = Some(Conflict::Duplicate(Job::DEDUP_KEY));
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [taken, taken]);

    let in_order = || ChangeSet::new().delete(&first).insert(with_key());
    let outcomes = recorded.store.commit_as_one_batch(vec![in_order(), in_order()]).await;
    let finished = Some(Conflict::Missing(Job::KIND));
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, finished]);
}

#[tokio::test]
async fn the_set_of_a_former_holder_is_refused_and_that_of_the_present_one_stored() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let (now, soon) = (scene.now(), scene.now() + TimeDelta::seconds(1));
    let lost = recorded.store.acquire("checkpoint", "one", now, soon).await.expect("an answer").expect("a lease");
    let held = recorded.store.acquire("checkpoint", "another", soon, soon).await.expect("an answer").expect("a lease");
    let sets = [&lost, &held].map(|lease| ChangeSet::new().insert(scene.event()).while_held(lease));
    let outcomes = recorded.store.commit_as_one_batch(sets.to_vec()).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [Some(Conflict::Stale), None]);
    assert_eq!(scene.events().await.len(), 1, "a refused set leaves no event");
}
