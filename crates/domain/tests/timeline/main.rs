//! The timeline: no gaps, no ambiguity, and no tampering that does not show.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

mod canonical_form;
mod history;
#[path = "../scene/mod.rs"]
mod scene;
mod tampering;

use std::{cell::Cell, fmt::Debug};

use history::{History, history};
use incident_domain::{
    Actor, ChainFault, ChainVerifier, EntryHash, Incident, IncidentRecord, TimelineEntry, TimelineKey,
};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use scene::{Scene, incident_id, note};

/// Runs a property and leaves no files behind.
pub(crate) fn always<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}");
    }
}

#[test]
fn whatever_happens_to_an_incident_sequences_have_no_gaps_and_the_chain_holds() {
    let entries_seen = Cell::new(0);
    always(300, &history(1..40), |history| {
        let places: Vec<u32> = history.entries.iter().map(|entry| entry.sequence).collect();
        let expected: Vec<u32> = (1..=history.incident.timeline_length).collect();
        assert_eq!(places, expected);
        assert_eq!(u64::from(history.incident.timeline_length), history.scene.ids_given());
        assert_eq!(history.verify(&history.entries), Ok(()));
        entries_seen.set(entries_seen.get() + places.len());
        Ok(())
    });
    assert!(entries_seen.get() > 300, "{} entries", entries_seen.get());
}

#[test]
fn an_empty_timeline_fits_only_an_incident_that_knows_of_no_entry() {
    let key = TimelineKey::new(b"any");
    let with_end = |length: u32, hash: EntryHash| {
        let mut record = Scene::new().incident().into_record();
        (record.timeline_length, record.timeline_hash) = (length, hash);
        record.timeline_seal = key.seal_of_end(&record);
        ChainVerifier::new(&key, incident_id()).finish(&record)
    };
    assert_eq!(with_end(0, EntryHash::NONE), Ok(()));
    assert_eq!(with_end(1, EntryHash::NONE), Err(ChainFault::WrongLength { expected: 1, found: 0 }));
    assert_eq!(with_end(0, EntryHash::new([1; 32])), Err(ChainFault::WrongHead));
}

/// Whoever can write to the store can cut entries, and copy into the incident what the last one that is left says.
#[test]
fn a_cut_tail_shows_even_if_the_incident_is_made_to_fit() {
    let cuts = Cell::new(0_u32);
    always(100, &history(2..6), |history| {
        for length in 1..history.entries.len() {
            let left = &history.entries[..length];
            let mut record = history.incident.clone().into_record();
            record.timeline_length = u32::try_from(length).unwrap();
            record.timeline_hash = left[length - 1].hash;
            assert_eq!(history.verify_with(&record, left), Err(ChainFault::ForgedEnd));
            record.timeline_seal = EntryHash::NONE;
            assert_eq!(history.verify_with(&record, left), Err(ChainFault::Unsealed));
            cuts.set(cuts.get() + 1);
        }
        Ok(())
    });
    assert!(cuts.get() > 100, "{} cuts", cuts.get());
}

#[test]
fn what_was_tampered_with_is_not_made_whole_by_what_comes_after_it() {
    let scene = Scene::new();
    let opened = scene.open();
    let stamp = scene.stamp(&Actor::System, 1);
    let twice = opened.incident().clone().revise().comment(note("one"), &stamp).comment(note("two"), &stamp);
    let mut record = twice.incident().clone().into_record();
    record.timeline_length -= 1;
    record.timeline_hash = twice.entries()[0].hash;
    let later = Incident::restore(record).revise().comment(note("three"), &stamp);
    let mut verifier = ChainVerifier::new(&scene.key, incident_id());
    for entry in [&opened.entries()[0], &twice.entries()[0], &later.entries()[0]] {
        assert_eq!(verifier.check(entry), Ok(()));
    }
    assert_eq!(verifier.finish(later.incident()), Err(ChainFault::Unsealed));
}

/// There is no hash that the intruder would have to make up: before the first entry stands what everybody knows.
#[test]
fn an_emptied_timeline_is_not_made_whole_by_what_comes_after_it() {
    let scene = Scene::new();
    let mut record = scene.incident().into_record();
    (record.timeline_length, record.timeline_hash) = (0, EntryHash::NONE);
    record.timeline_seal = EntryHash::NONE;
    let later = Incident::restore(record).revise().comment(note("one"), &scene.stamp(&Actor::System, 1));
    let mut verifier = ChainVerifier::new(&scene.key, incident_id());
    assert_eq!(verifier.check(&later.entries()[0]), Ok(()));
    assert_eq!(verifier.finish(later.incident()), Err(ChainFault::Unsealed));
}

#[test]
fn a_gap_shows_even_if_the_server_itself_sealed_it() {
    let scene = Scene::new();
    let opened = scene.open();
    let mut record = opened.incident().clone().into_record();
    record.timeline_length += 1;
    let stamp = scene.stamp(&Actor::System, 1);
    let commented = Incident::restore(record).revise().comment(note("after the gap"), &stamp);
    let mut verifier = ChainVerifier::new(&scene.key, incident_id());
    assert_eq!(verifier.check(&opened.entries()[0]), Ok(()));
    assert_eq!(verifier.check(&commented.entries()[0]), Err(ChainFault::Broken { sequence: 2 }));
}

#[test]
fn a_key_is_not_shown() {
    let key = TimelineKey::new(b"do not show me");
    assert_eq!(format!("{key:?}"), "TimelineKey(secret)");
    let verifier = ChainVerifier::new(&key, incident_id());
    assert!(format!("{verifier:?}").contains("TimelineKey(secret)"));
}

#[test]
fn a_hash_is_read_back_from_its_32_bytes_and_from_no_other_number() {
    let hash = EntryHash::new([7; 32]);
    assert_eq!(EntryHash::try_from(hash.as_bytes().as_slice()), Ok(hash));
    for bytes in [0, 31, 33] {
        assert!(EntryHash::try_from(vec![7; bytes].as_slice()).is_err(), "{bytes} bytes");
    }
    assert_eq!(hash.to_string(), "07".repeat(32));
}

#[test]
fn different_histories_have_different_heads() {
    always(200, &(history(1..6), history(1..6)), |(one, two)| {
        let same_story = one.entries == two.entries;
        assert_eq!(one.incident.timeline_hash == two.incident.timeline_hash, same_story);
        Ok(())
    });
}

impl History {
    /// The verdict on a list of entries, as whoever holds the incident and the key gives it.
    pub(crate) fn verify(&self, entries: &[TimelineEntry]) -> Result<(), ChainFault> {
        self.verify_with(&self.incident, entries)
    }

    fn verify_with(&self, incident: &IncidentRecord, entries: &[TimelineEntry]) -> Result<(), ChainFault> {
        let mut verifier = ChainVerifier::new(&self.scene.key, incident.id);
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        verifier.finish(incident)
    }
}
