//! Background jobs.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{
        Conflict::{Duplicate, Missing, Stale},
        Direction, Job, JobClaim, JobCounts, JobFilter, JobId, JobKind, JobState, Page, PageRequest, Record as _,
        Repository, StoreError, UniqueKey, Version,
    },
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd},
    scene::{Scene, at_once, conflict, job_kind},
    standard::{Changeable as _, Findable, List, Specimen, World, changeable},
};

const SECOND: TimeDelta = TimeDelta::seconds(1);
const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

#[async_trait]
impl Specimen for Job {
    /// The first is open and has a key.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let full = |state: JobState| Self {
            kind: job_kind(&"a.b_9".repeat(20)[..JobKind::CHARS_MAX]),
            dedup_key: Some(format!("{}{}", scene.uuid(), odd(160))),
            partition: Some(odd(200)),
            payload: format!(
                "{{ \"b\": 1.10,\n\t\"a\":\"\\u00e9é\\/\" , \"b\":null,\"long\":\"{}\"}}",
                "x".repeat(20_000)
            ),
            priority: 0,
            run_at: before_1970(),
            attempts: u32::MAX,
            attempts_max: u32::MAX - 1,
            lease_until: Some(end_of_time()),
            state,
            last_error: Some(odd(Self::ERROR_CHARS_MAX)),
            created_at: before_1970(),
            updated_at: end_of_time(),
            version: Version::new(u32::MAX),
            ..scene.job("any")
        };
        let last = Self { priority: u8::MAX, ..scene.job("z") };
        vec![full(JobState::Open), full(JobState::Dead), scene.job("a"), last]
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::DEDUP_KEY => Self { kind: other.kind.clone(), dedup_key: other.dedup_key.clone(), ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.jobs.find(self.id).await.expect("jobs can be read")
    }
}

impl Findable for Job {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.jobs
    }
}

changeable!(Job);

/// The jobs, the newest first.
pub struct Jobs;

#[async_trait]
impl List for Jobs {
    type Item = Job;
    type Filter = JobFilter;
    type Order = Direction;

    async fn items(scene: &Arc<Scene>) -> Vec<Job> {
        let job = |index: usize| Job {
            id: JobId::new(scene.scattered_uuid(index)),
            state: if index % 5 < 2 { JobState::Dead } else { JobState::Open },
            lease_until: (index.is_multiple_of(4)).then(|| scene.now()),
            ..scene.job(["a.b", "a_b", "a", "a.b.c"][index % 4])
        };
        (0..33).map(job).collect()
    }

    fn filters(_scene: &Scene, _jobs: &[Job]) -> Vec<JobFilter> {
        let kinds = ["a.b", "a", "b", "a_b"].map(|kind| Some(job_kind(kind)));
        let states = [None, Some(JobState::Open), Some(JobState::Dead)];
        let all = [None].into_iter().chain(kinds);
        all.flat_map(|kind| states.map(|state| JobFilter { kind: kind.clone(), state })).collect()
    }

    fn matches(filter: &JobFilter, job: &Job) -> bool {
        filter.matches(job)
    }

    fn orders() -> Vec<Direction> {
        vec![Direction::Descending]
    }

    async fn list(
        ports: &Ports,
        filter: &JobFilter,
        _direction: Direction,
        page: PageRequest<JobId>,
    ) -> Result<Page<Job>, StoreError> {
        ports.jobs.list(filter, page).await
    }
}

/// Jobs of another kind, not yet due, dead or held by a worker, and those of a busy partition, to the microsecond.
pub async fn a_claim_takes_exactly_the_jobs_that_match(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let claim = JobClaim {
        busy_partitions: vec![(job_kind("a"), "busy".to_owned()), (job_kind("c"), "idle".to_owned())],
        ..scene.claim_of(&["a", "b"])
    };
    let now = claim.now;
    let partition = |name: &str| Some(name.to_owned());
    let a = || Job { run_at: now, ..scene.job("a") };
    let jobs = [
        a(),
        Job { run_at: now - MICROSECOND, ..a() },
        Job { run_at: now + MICROSECOND, ..a() },
        Job { lease_until: Some(now - MICROSECOND), ..a() },
        Job { lease_until: Some(now), ..a() },
        Job { lease_until: Some(now + MICROSECOND), ..a() },
        Job { state: JobState::Dead, ..a() },
        Job { partition: partition("busy"), ..a() },
        Job { partition: partition("idle"), ..a() },
        Job { partition: partition("Busy"), ..a() },
        Job { run_at: now, partition: partition("busy"), ..scene.job("b") },
        Job { run_at: now, ..scene.job("c") },
        Job { run_at: now, ..scene.job("a.b") },
    ];
    scene.commit(ChangeSet::new().insert_all(jobs.clone())).await;
    let nothing = JobClaim { kinds: Vec::new(), ..claim.clone() };
    assert_eq!(scene.claim(&nothing).await, []);

    let mut claimed = scene.claim(&claim).await;
    claimed.sort_by_key(|job| job.id);
    let expected = jobs.iter().filter(|job| claim.matches(job)).map(|job| job.claimed(now, claim.lease_until));
    assert_eq!(claimed, expected.collect::<Vec<_>>());
    for job in jobs {
        let expected = if claim.matches(&job) { job.claimed(now, claim.lease_until) } else { job };
        expected.assert_is_stored(&scene.ports).await;
    }
    assert_eq!(scene.claim(&claim).await, [], "they are held");
}

/// Those with the smallest priority first; of equal ones, those that have been due longest.
pub async fn a_claim_takes_up_to_a_limit_in_order(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let claim = scene.claim_of(&["a"]);
    let job = |(priority, seconds)| Job { priority, run_at: claim.now - SECOND * seconds, ..scene.job("a") };
    let in_order: Vec<_> = [(0, 1), (0, 0), (7, 9), (7, 3), (100, 8), (255, 1_000)].map(job).into();
    for index in [3, 0, 5, 1, 4, 2] {
        scene.commit(ChangeSet::new().insert(in_order[index].clone())).await;
    }
    let mut claimed = Vec::new();
    for jobs_max in [0, 2, 1, 10] {
        let jobs = scene.claim(&JobClaim { jobs_max, ..claim.clone() }).await;
        let rest = in_order.len() - claimed.len();
        assert_eq!(jobs.len(), rest.min(usize::try_from(jobs_max).expect("it fits")));
        claimed.extend(jobs.into_iter().map(|job| job.id));
    }
    assert_eq!(claimed, in_order.iter().map(Job::id).collect::<Vec<_>>());
}

/// Through two openings of the store.
pub async fn a_job_is_given_to_one_of_many_concurrent_callers(harness: &dyn Harness) {
    const JOBS: usize = 60;
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let jobs: Vec<_> = (0..JOBS).map(|_| scene.job("a")).collect();
    scene.commit(ChangeSet::new().insert_all(jobs.clone())).await;
    let claim = JobClaim { jobs_max: 7, ..scene.claim_of(&["a"]) };
    let workers: Vec<_> = (0..16)
        .map(|index| {
            let ports = if index % 2 == 0 { scene.ports.clone() } else { other.clone() };
            let claim = claim.clone();
            async move {
                let mut taken = Vec::new();
                loop {
                    let jobs = ports.jobs.claim(&claim).await.expect("jobs can be claimed");
                    if jobs.is_empty() {
                        return taken;
                    }
                    taken.extend(jobs.into_iter().map(|job| job.id));
                }
            }
        })
        .collect();
    let taken: Vec<JobId> = at_once(workers).await.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = taken.iter().collect();
    assert_eq!(taken.len(), distinct.len(), "a job was given twice");
    // A caller may find nothing while others hold rows; what is left is still there.
    let left = scene.claim(&JobClaim { jobs_max: 100, ..claim }).await.len();
    assert_eq!(taken.len() + left, JOBS);
}

/// A worker that lost its lease can finish nothing, and commits no effect together with the finish.
pub async fn a_job_is_finished_only_by_the_worker_that_claimed_it_last(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_job("a").await;
    let first = scene.claim(&JobClaim { lease_until: scene.now(), ..scene.claim_of(&["a"]) }).await.remove(0);
    let second = scene.claim(&scene.claim_of(&["a"])).await.remove(0);
    assert_eq!(second.attempts, 2);
    let failed = first.failed("too late", scene.now(), SECOND);
    for late in [first.delete(), failed.update(&first), ChangeSet::new().expect(&first)] {
        let set = ChangeSet::new().insert(scene.event()).into_changes().into_iter().chain(late.into_changes());
        assert_eq!(scene.refusal(set.collect()).await, Stale);
        second.assert_is_stored(&scene.ports).await;
    }
    assert_eq!(scene.events().await, []);
    scene.commit(ChangeSet::new().insert(scene.event()).delete(&second)).await;
    second.assert_is_absent(&scene.ports).await;
    assert_eq!(scene.refusal(first.delete()).await, Missing(Job::KIND));
    assert_eq!(scene.events().await.len(), 1);
}

/// The claim that finds it stores it as dead and does not return it.
pub async fn a_job_whose_attempts_are_used_up_becomes_dead(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let job = Job { attempts_max: 2, ..scene.job("a") };
    scene.commit(ChangeSet::new().insert(job.clone())).await;
    let mut stored = job;
    for attempts in [1, 2] {
        let claim = JobClaim { lease_until: scene.now(), ..scene.claim_of(&["a"]) };
        stored = stored.claimed(claim.now, claim.lease_until);
        assert_eq!(stored.attempts, attempts);
        assert_eq!(scene.claim(&claim).await, [stored.clone()]);
    }
    let claim = scene.claim_of(&["a"]);
    assert_eq!(scene.claim(&claim).await, []);
    let dead = stored.claimed(claim.now, claim.lease_until);
    assert_eq!((dead.state, dead.lease_until), (JobState::Dead, None));
    dead.assert_is_stored(&scene.ports).await;
    assert_eq!(scene.claim(&scene.claim_of(&["a"])).await, []);

    scene.commit(dead.run_again(scene.now()).update(&dead)).await;
    assert_eq!(scene.claim(&scene.claim_of(&["a"])).await.len(), 1);
}

/// A key is one kind's own, and is free again when the job is dead or done.
pub async fn of_jobs_with_one_key_one_can_be_open(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let with_key = |kind: &str| Job { dedup_key: Some("k".to_owned()), ..scene.job(kind) };
    let first = with_key("a");
    scene.commit(ChangeSet::new().insert(first.clone()).insert(with_key("b"))).await;
    let taken = Duplicate(Job::DEDUP_KEY);
    assert_eq!(scene.refusal(ChangeSet::new().insert(with_key("a"))).await, taken);
    // A worker holds it, and it is open.
    let held = scene.claim(&scene.claim_of(&["a"])).await.remove(0);
    assert_eq!(scene.refusal(ChangeSet::new().insert(with_key("a"))).await, taken);

    let dead = Job { state: JobState::Dead, version: held.version.next(), ..held.clone() };
    scene.commit(dead.clone().update(&held)).await;
    let second = with_key("a");
    scene.commit(ChangeSet::new().insert(second.clone())).await;
    assert_eq!(scene.refusal(dead.run_again(scene.now()).update(&dead)).await, taken);
    scene.commit(second.delete()).await;
    scene.commit(dead.run_again(scene.now()).update(&dead)).await;
    assert_eq!(conflict(scene.ports.store.commit(ChangeSet::new().insert(with_key("a"))).await), Some(taken));
}

/// By kind, and none for a kind without jobs.
pub async fn jobs_are_counted_by_kind(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    assert_eq!(counts(&scene).await, []);
    let now = scene.now();
    let dead = |kind: &str| Job { state: JobState::Dead, run_at: now - SECOND * 9, ..scene.job(kind) };
    let open = |kind: &str, seconds| Job { run_at: now + SECOND * seconds, ..scene.job(kind) };
    let held = Job { lease_until: Some(now + SECOND), ..open("a", -3) };
    let jobs = [open("a", 2), held, open("a", -1), dead("a"), dead("b"), dead("b"), open("a.b", 5)];
    scene.commit(ChangeSet::new().insert_all(jobs)).await;
    let of = |kind: &str, open, dead, seconds: Option<i32>| JobCounts {
        kind: job_kind(kind),
        open,
        dead,
        oldest_run_at: seconds.map(|seconds| now + SECOND * seconds),
    };
    let expected = [of("a", 3, 1, Some(-3)), of("a.b", 1, 0, Some(5)), of("b", 0, 2, None)];
    assert_eq!(counts(&scene).await, expected);
}

async fn counts(scene: &Scene) -> Vec<JobCounts> {
    scene.ports.jobs.counts().await.expect("jobs can be counted")
}
