//! Verifying all timelines.

use std::sync::atomic::Ordering;

use incident_application::incidents::{IncidentRef, TimelineError, TimelinesEnd, Unsealed, WhichTimelines};
use incident_domain::{
    incidents::{EntryHash, IncidentId, IncidentNumber},
    write::ChangeSet,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{faulty_store::FaultyStore, scene::Scene};

const MANY: usize = 450;

#[tokio::test]
async fn each_of_many_timelines_is_verified_once_and_whole_ones_have_no_findings() {
    let scene = Scene::new();
    scene.incidents(MANY).await;
    let report = scene.verify(Unsealed::Report).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Complete), "{:?}", report.outcome);
    assert_eq!((report.outcome.checked, report.outcome.entries_whole), (450, 900));
    assert_eq!((report.outcome.faulty, report.outcome.unsealed, report.outcome.sealed), (0, 0, 0));
    assert_eq!(report.findings, []);
    let done: Vec<u64> = report.progress.iter().map(|progress| progress.done).collect();
    assert_eq!(done, (0..=450).collect::<Vec<_>>());
    assert!(report.progress.iter().all(|progress| progress.total == 450));
}

#[tokio::test]
async fn every_fault_is_reported_newest_incident_first_and_does_not_stop_the_verification() {
    let scene = Scene::new();
    let incidents = scene.incidents(30).await;
    scene.tamper(&incidents[20], |record| record.timeline_length += 1).await;
    scene.tamper(&incidents[3], |record| record.timeline_hash = EntryHash::new([1; 32])).await;
    scene.tamper(&incidents[7], |record| record.timeline_seal = EntryHash::new([2; 32])).await;
    scene.unseal(&incidents[9]).await;
    let report = scene.verify(Unsealed::Report).await;
    assert_eq!((report.outcome.checked, report.outcome.faulty, report.outcome.unsealed), (30, 4, 1));
    let expected = [
        (incidents[3].id, "the incident's record of the last hash does not fit the chain"),
        (incidents[7].id, "the incident's record of the timeline's end was not sealed by this server"),
        (incidents[9].id, "the end of the timeline carries no seal"),
        (incidents[20].id, "the timeline has 2 entries, the incident knows of 3"),
    ];
    assert_eq!(report.findings, expected.map(|(id, fault)| (id, fault.to_owned())));
}

#[tokio::test]
async fn one_timeline_is_verified_by_its_incidents_number_or_id() {
    let scene = Scene::new();
    let incidents = scene.incidents(3).await;
    scene.unseal(&incidents[1]).await;
    for (incident, faulty) in [(&incidents[0], 0), (&incidents[1], 1)] {
        for named in [IncidentRef::Id(incident.id), IncidentRef::Number(incident.number)] {
            let which = WhichTimelines::Of(named);
            let report = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
            assert_eq!((report.outcome.checked, report.outcome.faulty), (1, faulty), "{named}");
        }
    }
    for unknown in [IncidentRef::Id(IncidentId::new(Uuid::nil())), IncidentRef::Number(IncidentNumber::new(77))] {
        let which = WhichTimelines::Of(unknown);
        let report = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
        assert!(matches!(report.outcome.end, TimelinesEnd::Failed(TimelineError::NotFound)), "{:?}", report.outcome);
    }
}

#[tokio::test]
async fn a_cancelled_verification_finishes_running_checks_and_reports_an_interruption() {
    let scene = Scene::new();
    scene.incidents(MANY).await;
    let report = scene.verify_until(WhichTimelines::All, Unsealed::Report, &CancellationToken::new(), 100).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Interrupted), "{:?}", report.outcome);
    assert!((100..=110).contains(&report.outcome.checked), "{:?}", report.outcome);
}

#[tokio::test]
async fn a_verification_cancelled_after_the_last_timeline_is_complete() {
    let scene = Scene::new();
    scene.incidents(20).await;
    let report = scene.verify_until(WhichTimelines::All, Unsealed::Report, &CancellationToken::new(), 20).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Complete), "{:?}", report.outcome);
    let stopped = CancellationToken::new();
    stopped.cancel();
    let report = scene.verify_until(WhichTimelines::All, Unsealed::Report, &stopped, usize::MAX).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Interrupted), "{:?}", report.outcome);
    assert_eq!(report.outcome.checked, 0);
}

#[tokio::test]
async fn an_unavailable_store_ends_the_verification_at_once() {
    let mut scene = Scene::new();
    scene.incidents(MANY).await;
    let faulty_store = scene.install(FaultyStore { reads_max: Some(60), ..FaultyStore::default() });
    let report = scene.verify(Unsealed::Report).await;
    let TimelinesEnd::Failed(TimelineError::Unavailable(error)) = &report.outcome.end else {
        panic!("{:?}", report.outcome)
    };
    assert_eq!(error.to_string(), "the store is unavailable");
    assert_eq!(report.outcome.checked, 60);
    let reads = faulty_store.reads.load(Ordering::SeqCst);
    assert!(reads <= 60 + 8 + 1, "{reads} reads of a store that is known to be unavailable");
}

#[tokio::test]
async fn at_most_eight_timelines_are_read_concurrently() {
    let mut scene = Scene::new();
    scene.incidents(100).await;
    let faulty_store = scene.install(FaultyStore::default());
    scene.verify(Unsealed::Report).await;
    assert_eq!(faulty_store.concurrent_reads_max.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn unreadable_records_are_reported_like_other_faults() {
    let mut scene = Scene::new();
    let incidents = scene.incidents(10).await;
    let long = scene.incident(9).await;
    let (newest, middle) = (scene.incident(2).await, &incidents[4]);
    scene.install(FaultyStore {
        unreadable: vec![newest.id, middle.id],
        unreadable_entry: Some((long.id, 7)),
        ..FaultyStore::default()
    });
    let report = scene.verify(Unsealed::Report).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Complete), "{:?}", report.outcome);
    assert_eq!((report.outcome.checked, report.outcome.faulty), (12, 3));
    let expected = [
        (newest.id, "the incident's record cannot be read"),
        (long.id, "entry 7 does not fit the chain"),
        (middle.id, "the incident's record cannot be read"),
    ];
    assert_eq!(report.findings, expected.map(|(id, fault)| (id, fault.to_owned())));
    let which = WhichTimelines::Of(IncidentRef::Id(newest.id));
    let report = scene.verify_until(which, Unsealed::Report, &CancellationToken::new(), usize::MAX).await;
    assert_eq!((report.outcome.checked, report.outcome.faulty), (1, 1), "it can be verified by its ID");
}

#[tokio::test]
async fn an_incident_deleted_during_the_verification_is_neither_whole_nor_faulty() {
    let mut scene = Scene::new();
    let gone = scene.incident(2).await;
    scene.incidents(5).await;
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    scene.install(FaultyStore { deleted_ids: vec![gone.id], ..FaultyStore::default() });
    let report = scene.verify(Unsealed::Report).await;
    assert_eq!((report.outcome.checked, report.outcome.faulty), (5, 0));
    assert_eq!(report.progress.last().map(|progress| progress.done), Some(6));
}
