//! The timeline: no gaps, no ambiguity, and no tampering that does not show.

#![expect(clippy::unwrap_used, reason = "a test whose scene cannot be set has failed")]

mod canonical_form;
mod history;
#[path = "../scene/mod.rs"]
mod scene;
mod tampering;

use std::{cell::Cell, fmt::Debug};

use history::{History, history};
use incident_domain::{Actor, ChainFault, ChainVerifier, EntryHash, Incident, TimelineEntry, TimelineKey};
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
    let verifier = || ChainVerifier::new(&key, incident_id());
    assert_eq!(verifier().finish(0, &EntryHash::NONE), Ok(()));
    assert!(verifier().finish(1, &EntryHash::NONE).is_err());
    assert!(verifier().finish(0, &EntryHash::new([1; 32])).is_err());
    let opened = Scene::new().incident();
    assert!(verifier().finish(opened.timeline_length, &opened.timeline_hash).is_err());
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
        let mut verifier = ChainVerifier::new(&self.scene.key, self.incident.id);
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        verifier.finish(self.incident.timeline_length, &self.incident.timeline_hash)
    }
}
