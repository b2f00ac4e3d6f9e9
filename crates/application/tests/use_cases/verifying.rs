//! Verifying one timeline, including during concurrent writes.

use std::sync::Arc;

use incident_application::{
    incidents::{IncidentRef, Incidents, TimelineVerdict},
    kernel::QueryError,
};
use incident_domain::{
    identity::Role,
    incidents::{
        ChainFault, EntryHash, Incident, IncidentId, IncidentNumber, MockIncidentRepository, TimelineEntry, TimelineKey,
    },
    kernel::{Note, Record as _, StoreError},
};
use uuid::Uuid;

use crate::{
    rows::{Rows, Stored},
    scene::{KEY, Scene},
};

async fn verify(rows: &Arc<Rows>) -> Result<TimelineVerdict, QueryError> {
    let scene = Scene::new();
    let viewer = scene.caller(Role::Viewer).await;
    rows.incidents(&scene).verify(&viewer, IncidentRef::Id(IncidentId::new(Uuid::from_u128(1)))).await
}

#[tokio::test]
async fn an_untouched_timeline_of_any_length_is_whole() {
    for entries in [1, 2, 499, 500, 501, 999, 1_000, 1_001] {
        let rows = Rows::of(entries);
        let verdict = verify(&rows).await.expect("readable");
        assert_eq!((verdict.entries_whole, verdict.fault), (entries, None));
        assert_eq!(Some(verdict.incident), rows.stored().incident);
    }
}

/// A manipulation of the database at a sequence number, and the fault that it causes.
type Tampering = (&'static str, fn(&mut Stored, u32), fn(u32) -> ChainFault);

const LENGTH: u32 = 603;

const fn broken(sequence: u32) -> ChainFault {
    ChainFault::Broken { sequence }
}

const MANIPULATIONS: &[Tampering] = &[
    ("change a message", |stored, place| stored.entry(place).message = Note::parse("nothing").ok(), broken),
    ("remove an entry", |stored, place| stored.entries.retain(|entry| entry.sequence != place), broken),
    ("remove an entry and renumber the later ones", move_up, broken),
    ("duplicate an entry", duplicate, |place| broken(place + 1)),
    ("swap two entries", swap, broken),
    (
        "insert an entry of another incident",
        |stored, place| stored.entry(place).incident_id = IncidentId::new(Uuid::from_u128(2)),
        broken,
    ),
    ("make an entry unreadable", |stored, place| stored.unreadable = Some(place), broken),
];

fn move_up(stored: &mut Stored, place: u32) {
    stored.entries.retain(|entry| entry.sequence != place);
    let later = stored.entries.iter_mut().filter(|entry| entry.sequence > place);
    later.for_each(|entry| entry.sequence -= 1);
}

fn duplicate(stored: &mut Stored, place: u32) {
    let later = stored.entries.iter_mut().filter(|entry| entry.sequence > place);
    later.for_each(|entry| entry.sequence += 1);
    let twice = TimelineEntry { sequence: place + 1, ..stored.entry(place).clone() };
    stored.entries.push(twice);
}

fn swap(stored: &mut Stored, place: u32) {
    stored.entry(place).sequence = 0;
    stored.entry(place + 1).sequence = place;
    stored.entry(0).sequence = place + 1;
}

#[tokio::test]
async fn a_manipulated_entry_is_reported_at_its_sequence_number() {
    for (what, tamper, fault) in MANIPULATIONS {
        for place in [1, 2, 499, 500, 501, LENGTH - 1] {
            let rows = Rows::of(LENGTH);
            tamper(&mut rows.stored(), place);
            let verdict = verify(&rows).await.expect("readable");
            assert_eq!(verdict.fault, Some(fault(place)), "{what} at {place}");
            let ChainFault::Broken { sequence } = fault(place) else { panic!("{what}") };
            assert_eq!(verdict.entries_whole, sequence - 1, "{what} at {place}");
        }
    }
}

/// Removes the entries after this length.
fn cut(stored: &mut Stored, length: u32) {
    stored.entries.retain(|entry| entry.sequence <= length);
}

/// Removes the entries after this length and adjusts the incident's record to the rest.
fn cut_and_adjust_record(stored: &mut Stored, length: u32) {
    cut(stored, length);
    let hash = stored.entries.last().map_or(EntryHash::NONE, |last| last.hash);
    stored.tamper(|record| (record.timeline_length, record.timeline_hash) = (length, hash));
}

#[tokio::test]
async fn a_cut_tail_is_reported_at_the_end() {
    for length in [0, 1, 499, 500, 501, LENGTH - 1] {
        let rows = Rows::of(LENGTH);
        cut(&mut rows.stored(), length);
        let verdict = verify(&rows).await.expect("readable");
        let fault = ChainFault::WrongLength { expected: LENGTH, found: length };
        assert_eq!((verdict.entries_whole, verdict.fault), (length, Some(fault)));

        let rows = Rows::of(LENGTH);
        cut_and_adjust_record(&mut rows.stored(), length);
        let verdict = verify(&rows).await.expect("readable");
        assert_eq!((verdict.entries_whole, verdict.fault), (length, Some(ChainFault::ForgedEnd)));

        rows.stored().tamper(|record| record.timeline_seal = EntryHash::NONE);
        let verdict = verify(&rows).await.expect("readable");
        assert_eq!((verdict.entries_whole, verdict.fault), (length, Some(ChainFault::Unsealed)));
    }
}

#[tokio::test]
async fn a_manipulated_incident_record_is_reported() {
    let rows = Rows::of(3);
    rows.stored().tamper(|record| record.timeline_hash = EntryHash::new([7; 32]));
    assert_eq!(verify(&rows).await.expect("readable").fault, Some(ChainFault::WrongHead));

    let rows = Rows::of(3);
    rows.stored().tamper(|record| record.timeline_seal = EntryHash::new([7; 32]));
    assert_eq!(verify(&rows).await.expect("readable").fault, Some(ChainFault::ForgedEnd));

    let rows = Rows::of(3);
    rows.stored().tamper(|record| record.timeline_length = 2);
    let fault = ChainFault::WrongLength { expected: 2, found: 3 };
    assert_eq!(verify(&rows).await.expect("readable").fault, Some(fault));
}

#[tokio::test]
async fn entries_written_between_the_reads_are_no_fault() {
    for length in [1, 499, 500, 501] {
        for remarks in [1, 499, 500, 501] {
            for writes in 1..=4 {
                let rows = Rows::of(length);
                for _ in 0..writes {
                    rows.then(move |stored| stored.comment(remarks));
                }
                let verdict = verify(&rows).await.expect("readable");
                assert_eq!(verdict.fault, None, "{writes} times {remarks} after {length}");
                assert_eq!(verdict.entries_whole, verdict.incident.timeline_length);
            }
        }
    }
}

#[tokio::test]
async fn an_entry_written_after_any_one_read_is_no_fault() {
    // The entry is written once, after each of the reads in turn.
    for reads_before in 0..6 {
        let rows = Rows::of(500);
        for _ in 0..reads_before {
            rows.then(|_| ());
        }
        rows.then(|stored| stored.comment(1));
        assert_eq!(verify(&rows).await.expect("readable").fault, None, "after {reads_before} reads and one more");
    }
}

#[tokio::test]
async fn a_cut_tail_is_reported_despite_concurrent_writes() {
    for writes in 0..20 {
        let rows = Rows::of(10);
        cut(&mut rows.stored(), 8);
        for _ in 0..writes {
            rows.then(|stored| stored.comment(1));
        }
        let verdict = verify(&rows).await.expect("readable");
        let fault = verdict.fault.expect("a fault");
        let expected = [ChainFault::Broken { sequence: 9 }, ChainFault::WrongLength { expected: 10, found: 8 }];
        assert!(expected.contains(&fault), "{writes} remarks: {fault:?}");
        assert_eq!(verdict.entries_whole, 8, "{writes} remarks");
    }
}

#[tokio::test]
async fn an_incident_deleted_between_the_reads_is_not_found() {
    for length in [1, 499, 500, 501, 1_200] {
        // Entries are read in batches of 500 until a batch is not full; then the incident is read again.
        for reads_before in 0..=length / 500 {
            let rows = Rows::of(length);
            for _ in 0..reads_before {
                rows.then(|_| ());
            }
            rows.then(Stored::delete);
            let gone = verify(&rows).await;
            assert!(
                matches!(gone, Err(QueryError::NotFound(Incident::KIND))),
                "{length} after {reads_before} reads: {gone:?}"
            );
        }
    }
    // The incident has a new entry after the first read, and is deleted after the second.
    let rows = Rows::of(3);
    rows.then(|stored| stored.comment(1));
    rows.then(Stored::delete);
    assert!(matches!(verify(&rows).await, Err(QueryError::NotFound(Incident::KIND))));
}

#[tokio::test]
async fn an_incident_is_verified_by_id_or_number_and_an_unknown_one_is_not_found() {
    let scene = Scene::new();
    let (viewer, manager) = (scene.caller(Role::Viewer).await, scene.caller(Role::Manager).await);
    let incident = scene.open(&manager).await;
    for name in [IncidentRef::Id(incident.id), IncidentRef::Number(incident.number)] {
        let verdict = scene.incidents.verify(&viewer, name).await.expect("readable");
        assert_eq!((verdict.incident.id, verdict.entries_whole, verdict.fault), (incident.id, 1, None));
    }
    for name in [IncidentRef::Id(IncidentId::new(Uuid::from_u128(9))), IncidentRef::Number(IncidentNumber::new(9))] {
        let verdict = scene.incidents.verify(&viewer, name).await;
        assert!(matches!(verdict, Err(QueryError::NotFound(Incident::KIND))), "{name}: {verdict:?}");
    }
}

#[tokio::test]
async fn an_unavailable_store_gives_no_verdict() {
    let scene = Scene::new();
    let viewer = scene.caller(Role::Viewer).await;
    let mut incidents = MockIncidentRepository::new();
    incidents.expect_find().returning(|_| Err(StoreError::unavailable("down")));
    let mut ports = Scene::ports(&scene.store);
    ports.incidents = Arc::new(incidents);
    let incidents = Incidents::new(scene.runner.clone(), ports, TimelineKey::new(KEY));
    let verdict = incidents.verify(&viewer, IncidentRef::Id(IncidentId::new(Uuid::from_u128(1)))).await;
    assert!(matches!(verdict, Err(QueryError::Unavailable(_))), "{verdict:?}");
}
