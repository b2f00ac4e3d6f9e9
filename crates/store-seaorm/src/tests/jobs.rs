//! Jobs and leases, seen from inside.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{Conflict, Job, JobClaim, JobId, JobKind, JobQueue as _, LeaseRepository as _, Record as _},
    write::ChangeSet,
};
use incident_store_contract::scene::Scene;

use super::{Recorded, conflict};

fn kind(name: &str) -> JobKind {
    JobKind::parse(name).expect("a kind")
}

fn job(scene: &Scene, name: &str) -> Job {
    Job::new(JobId::new(scene.uuid()), kind(name), "{}".to_owned(), scene.now(), scene.now())
}

fn claim(scene: &Scene, kinds: &[&str]) -> JobClaim {
    JobClaim {
        kinds: kinds.iter().map(|name| kind(name)).collect(),
        busy_partitions: vec![(kind("a"), "busy".to_owned())],
        now: scene.now(),
        lease_until: scene.now() + TimeDelta::minutes(1),
        jobs_max: 100,
    }
}

async fn claimed(recorded: &Recorded, scene: &Scene, count: usize) -> Vec<Job> {
    scene.commit((0..count).fold(ChangeSet::new(), |set, _| set.insert(job(scene, "a")))).await;
    let jobs = recorded.store.claim(&claim(scene, &["a"])).await.expect("a claim");
    assert_eq!(jobs.len(), count);
    jobs
}

#[tokio::test]
async fn a_claim_is_one_statement_that_reads_the_jobs_of_each_kind_in_the_order_of_the_index() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    recorded.store.claim(&claim(&scene, &["a", "b", "c"])).await.expect("a claim");
    let sent = recorded.written.take();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    let plan = recorded.plan(&sent.concat()).await;
    assert_eq!(
        plan.iter().filter(|step| step.contains("USING INDEX jobs_due (state=? AND kind=?)")).count(),
        3,
        "{plan:#?}"
    );
    assert!(!plan.iter().any(|step| step.starts_with("SCAN jobs")), "{plan:#?}");
    let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
    assert_eq!(sorts, 1, "only what the kinds together have found is sorted: {plan:#?}");
}

#[tokio::test]
async fn jobs_that_several_workers_finish_share_a_transaction_with_other_sets() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let jobs = claimed(&recorded, &scene, 20).await;
    let mut sets: Vec<ChangeSet> = jobs.iter().map(|job| ChangeSet::new().delete(job)).collect();
    sets.push(ChangeSet::new().delete(&jobs[0]));
    sets.push(ChangeSet::new().revise(scene.plain()).insert(scene.event()));
    recorded.written.take();
    let outcomes = recorded.store.commit_as_one_batch(sets).await;
    let refused: Vec<_> = outcomes.iter().filter_map(conflict).collect();
    assert_eq!(refused, [Conflict::Missing(Job::KIND)], "a job is finished once");
    let sent = recorded.written.take();
    let deletions = sent.iter().filter(|text| text.starts_with("DELETE FROM \"jobs\"")).count();
    assert_eq!((deletions, sent.len()), (20, 22), "one question why the last failed, and one insert: {sent:#?}");
    assert_eq!(recorded.store.counts().await.expect("the counts"), []);
}

#[tokio::test]
async fn a_job_that_plans_its_successor_keeps_the_order_of_its_set() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let keyed = || Job { dedup_key: Some("key".to_owned()), ..job(&scene, "a") };
    let first = keyed();
    scene.commit(ChangeSet::new().insert(first.clone())).await;
    let too_early = || ChangeSet::new().insert(keyed()).delete(&first);
    let outcomes = recorded.store.commit_as_one_batch(vec![too_early(), too_early()]).await;
    let taken = Some(Conflict::Duplicate(Job::DEDUP_KEY));
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [taken, taken]);

    let in_order = || ChangeSet::new().delete(&first).insert(keyed());
    let outcomes = recorded.store.commit_as_one_batch(vec![in_order(), in_order()]).await;
    let finished = Some(Conflict::Missing(Job::KIND));
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, finished]);
}

#[tokio::test]
async fn a_set_that_a_former_holder_commits_is_refused_beside_others() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let (now, soon) = (scene.now(), scene.now() + TimeDelta::seconds(1));
    let acquire = |holder: &'static str, now| recorded.store.acquire("checkpoint", holder, now, soon);
    let lost = acquire("one", now).await.expect("an answer").expect("a lease");
    assert_eq!(acquire("another", now).await.expect("an answer"), None);
    let held = acquire("another", soon).await.expect("an answer").expect("the expired lease");
    let sets = [&lost, &held].map(|lease| ChangeSet::new().insert(scene.event()).while_held(lease));
    let outcomes = recorded.store.commit_as_one_batch(sets.to_vec()).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [Some(Conflict::Stale), None]);
    assert_eq!(scene.events().await.len(), 1, "a refused set leaves no event");
}
