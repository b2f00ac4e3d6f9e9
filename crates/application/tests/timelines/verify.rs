//! Checking all timelines.

use std::sync::atomic::Ordering;

use incident_application::incidents::{IncidentRef, TimelineError, TimelinesEnd, Unsealed, WhichTimelines};
use incident_domain::{
    incidents::{EntryHash, IncidentId, IncidentNumber},
    write::ChangeSet,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{odd::Odd, scene::Scene};

const MANY: usize = 450;

#[tokio::test]
async fn each_of_many_timelines_is_checked_once_and_nothing_is_found_where_all_are_whole() {
    let scene = Scene::new();
    scene.incidents(MANY).await;
    let told = scene.verify(Unsealed::Report).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Complete), "{:?}", told.outcome);
    assert_eq!((told.outcome.checked, told.outcome.entries_whole), (450, 900));
    assert_eq!((told.outcome.faulty, told.outcome.unsealed, told.outcome.sealed), (0, 0, 0));
    assert_eq!(told.findings, []);
    let done: Vec<u64> = told.progress.iter().map(|progress| progress.done).collect();
    assert_eq!(done, (0..=450).collect::<Vec<_>>());
    assert!(told.progress.iter().all(|progress| progress.total == 450));
}

#[tokio::test]
async fn every_fault_is_told_the_newest_incidents_first_and_the_others_are_checked_all_the_same() {
    let scene = Scene::new();
    let incidents = scene.incidents(30).await;
    scene.tamper(&incidents[20], |record| record.timeline_length += 1).await;
    scene.tamper(&incidents[3], |record| record.timeline_hash = EntryHash::new([1; 32])).await;
    scene.tamper(&incidents[7], |record| record.timeline_seal = EntryHash::new([2; 32])).await;
    scene.unseal(&incidents[9]).await;
    let told = scene.verify(Unsealed::Report).await;
    assert_eq!((told.outcome.checked, told.outcome.faulty, told.outcome.unsealed), (30, 4, 1));
    let expected = [
        (incidents[3].id, "the incident's record of the last hash does not fit the chain"),
        (incidents[7].id, "the incident's record of the timeline's end was not sealed by this server"),
        (incidents[9].id, "the end of the timeline carries no seal"),
        (incidents[20].id, "the timeline has 2 entries, the incident knows of 3"),
    ];
    assert_eq!(told.findings, expected.map(|(id, fault)| (id, fault.to_owned())));
}

#[tokio::test]
async fn one_timeline_is_checked_by_its_incidents_number_or_id() {
    let scene = Scene::new();
    let incidents = scene.incidents(3).await;
    scene.unseal(&incidents[1]).await;
    for (incident, faulty) in [(&incidents[0], 0), (&incidents[1], 1)] {
        for named in [IncidentRef::Id(incident.id), IncidentRef::Number(incident.number)] {
            let which = WhichTimelines::Of(named);
            let told = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
            assert_eq!((told.outcome.checked, told.outcome.faulty), (1, faulty), "{named}");
        }
    }
    for nobody in [IncidentRef::Id(IncidentId::new(Uuid::nil())), IncidentRef::Number(IncidentNumber::new(77))] {
        let which = WhichTimelines::Of(nobody);
        let told = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
        assert!(matches!(told.outcome.end, TimelinesEnd::Failed(TimelineError::NotFound)), "{:?}", told.outcome);
    }
}

#[tokio::test]
async fn a_check_that_is_stopped_finishes_what_is_on_its_way_and_says_that_it_is_not_complete() {
    let scene = Scene::new();
    scene.incidents(MANY).await;
    let told = scene.verify_until(WhichTimelines::All, Unsealed::Report, &CancellationToken::new(), 100).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Interrupted), "{:?}", told.outcome);
    assert!((100..=110).contains(&told.outcome.checked), "{:?}", told.outcome);
}

#[tokio::test]
async fn a_check_that_is_stopped_when_all_is_done_is_complete() {
    let scene = Scene::new();
    scene.incidents(20).await;
    let told = scene.verify_until(WhichTimelines::All, Unsealed::Report, &CancellationToken::new(), 20).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Complete), "{:?}", told.outcome);
    let stopped = CancellationToken::new();
    stopped.cancel();
    let told = scene.verify_until(WhichTimelines::All, Unsealed::Report, &stopped, usize::MAX).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Interrupted), "{:?}", told.outcome);
    assert_eq!(told.outcome.checked, 0);
}

#[tokio::test]
async fn a_store_that_goes_away_ends_the_check_at_once() {
    let mut scene = Scene::new();
    scene.incidents(MANY).await;
    let odd = scene.with(Odd { reads_max: Some(60), ..Odd::default() });
    let told = scene.verify(Unsealed::Report).await;
    let TimelinesEnd::Failed(TimelineError::Unavailable(error)) = &told.outcome.end else {
        panic!("{:?}", told.outcome)
    };
    assert_eq!(error.to_string(), "the store is unavailable");
    assert_eq!(told.outcome.checked, 60);
    let reads = odd.reads.load(Ordering::SeqCst);
    assert!(reads <= 60 + 8 + 1, "{reads} reads of a store that is known to be away");
}

#[tokio::test]
async fn some_timelines_are_looked_at_at_once_but_not_all() {
    let mut scene = Scene::new();
    scene.incidents(100).await;
    let odd = scene.with(Odd::default());
    scene.verify(Unsealed::Report).await;
    assert_eq!(odd.at_once_max.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn what_cannot_be_read_is_found_like_other_faults() {
    let mut scene = Scene::new();
    let incidents = scene.incidents(10).await;
    let long = scene.incident(9).await;
    let (newest, middle) = (scene.incident(2).await, &incidents[4]);
    scene.with(Odd { unreadable: vec![newest.id, middle.id], no_entry: Some((long.id, 7)), ..Odd::default() });
    let told = scene.verify(Unsealed::Report).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Complete), "{:?}", told.outcome);
    assert_eq!((told.outcome.checked, told.outcome.faulty), (12, 3));
    let expected = [
        (newest.id, "the incident's record cannot be read"),
        (long.id, "entry 7 does not fit the chain"),
        (middle.id, "the incident's record cannot be read"),
    ];
    assert_eq!(told.findings, expected.map(|(id, fault)| (id, fault.to_owned())));
    let which = WhichTimelines::Of(IncidentRef::Id(newest.id));
    let told = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
    assert_eq!((told.outcome.checked, told.outcome.faulty), (1, 1), "by its id it can be asked for");
}

#[tokio::test]
async fn an_incident_that_goes_in_the_meantime_is_neither_whole_nor_faulty() {
    let mut scene = Scene::new();
    let gone = scene.incident(2).await;
    scene.incidents(5).await;
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    scene.with(Odd { ghosts: vec![gone.id], ..Odd::default() });
    let told = scene.verify(Unsealed::Report).await;
    assert_eq!((told.outcome.checked, told.outcome.faulty), (5, 0));
    assert_eq!(told.progress.last().map(|progress| progress.done), Some(6));
}
