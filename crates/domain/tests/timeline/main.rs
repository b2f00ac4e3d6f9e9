//! Timelines: sequences without gaps, unambiguous hashes, and the detection of tampering.

#![expect(clippy::unwrap_used, reason = "a setup that fails is a failed test")]

mod canonical_form;
mod history;
#[path = "../scene/mod.rs"]
mod scene;
mod tampering;

use std::{cell::Cell, fmt::Debug};

use chrono::TimeDelta;
use history::{History, history};
use incident_domain::{
    incidents::{
        ChainFault, ChainVerifier, EntryHash, Incident, IncidentRecord, Priority, Status, TimelineEntry, TimelineKey,
    },
    kernel::{Actor, Title, Version},
};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use scene::{Scene, incident_id, note};

/// Checks a property without writing regression files.
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
fn after_any_commands_sequences_have_no_gaps_and_the_chain_is_valid() {
    let entries_seen = Cell::new(0);
    always(300, &history(1..40), |history| {
        let sequences: Vec<u32> = history.entries.iter().map(|entry| entry.sequence).collect();
        let expected: Vec<u32> = (1..=history.incident.timeline_length).collect();
        assert_eq!(sequences, expected);
        assert_eq!(u64::from(history.incident.timeline_length), history.scene.ids_taken());
        assert_eq!(history.verify(&history.entries), Ok(()));
        entries_seen.set(entries_seen.get() + sequences.len());
        Ok(())
    });
    assert!(entries_seen.get() > 300, "{} entries", entries_seen.get());
}

#[test]
fn an_empty_timeline_is_valid_only_for_an_incident_without_entries() {
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

/// Every field that the entries determine is compared, whatever the history was.
#[test]
fn a_changed_field_of_the_incident_is_detected() {
    type Edit = fn(&mut IncidentRecord);
    let edits: [(&str, Edit); 9] = [
        ("status", |record| {
            record.status = if record.status == Status::Closed { Status::Open } else { Status::Closed };
        }),
        ("title", |record| record.title = Title::parse("another title").unwrap()),
        ("priority", |record| {
            record.priority = if record.priority == Priority::Low { Priority::High } else { Priority::Low };
        }),
        ("opened_at", |record| record.opened_at += TimeDelta::microseconds(1)),
        ("updated_at", |record| record.updated_at += TimeDelta::microseconds(1)),
        ("closed_at", |record| record.closed_at = Some(record.opened_at - TimeDelta::microseconds(1))),
        ("reopen_count", |record| record.reopen_count += 1),
        ("reassignment_count", |record| record.reassignment_count += 1),
        ("version", |record| record.version = Version::new(record.timeline_length + 1)),
    ];
    always(100, &history(1..20), |history| {
        for (field, edit) in edits {
            let mut record = history.incident.clone().into_record();
            edit(&mut record);
            let expected = ChainFault::Differs { fields: vec![field] };
            assert_eq!(history.verify_with(&record, &history.entries), Err(expected));
            record.timeline_seal = EntryHash::NONE;
            let unsealed = history.verify_with(&record, &history.entries);
            assert!(matches!(unsealed, Err(ChainFault::Differs { .. })), "{field}: must not be sealed");
        }
        Ok(())
    });
}

/// Deleting the original clears the reference without an entry.
#[test]
fn a_duplicate_without_its_original_is_valid() {
    always(100, &history(1..20), |history| {
        let mut record = history.incident.clone().into_record();
        record.duplicate_of = None;
        assert_eq!(history.verify_with(&record, &history.entries), Ok(()));
        Ok(())
    });
}

/// An attacker with write access to the store can remove entries and copy the last remaining hash into the incident.
#[test]
fn a_removed_end_is_detected_even_if_the_incident_is_adjusted() {
    let removals = Cell::new(0_u32);
    always(100, &history(2..6), |history| {
        for length in 1..history.entries.len() {
            let left = &history.entries[..length];
            let mut record = history.incident.clone().into_record();
            record.timeline_length = u32::try_from(length).unwrap();
            record.timeline_hash = left[length - 1].hash;
            assert_eq!(history.verify_with(&record, left), Err(ChainFault::ForgedEnd));
            record.timeline_seal = EntryHash::NONE;
            // Without a seal, what the removed entries said about the incident may show first.
            let fault = history.verify_with(&record, left);
            assert!(matches!(fault, Err(ChainFault::Unsealed | ChainFault::Differs { .. })), "{fault:?}");
            removals.set(removals.get() + 1);
        }
        Ok(())
    });
    assert!(removals.get() > 100, "{} removals", removals.get());
}

#[test]
fn later_entries_do_not_hide_a_removed_entry() {
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

/// The hash before the first entry is public, so that an attacker can reset an incident to it.
#[test]
fn later_entries_do_not_hide_an_emptied_timeline() {
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
fn a_gap_is_detected_even_if_the_server_sealed_it() {
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
fn a_timeline_may_have_entries_of_retired_keys_and_is_continued_with_the_current_one() {
    let (old, new) = (TimelineKey::new(b"the old key"), TimelineKey::new(b"the new key"));
    let both = TimelineKey::new(b"the new key").accepting(b"an older key").accepting(b"the old key");
    let mut scene = Scene::new();
    scene.key = old.clone();
    let opened = scene.open();
    let incident = opened.incident().clone();
    assert_eq!(both.sealer_of_end(&incident), Some(old.check()));
    scene.key = both.clone();
    let commented = incident.clone().revise().comment(note("with the new key"), &scene.stamp(&Actor::System, 1));
    let continued = commented.incident();
    assert_eq!(both.sealer_of_end(continued), Some(new.check()));
    let entries = [&opened.entries()[0], &commented.entries()[0]];
    let verify = |key: &TimelineKey| {
        let mut verifier = ChainVerifier::new(key, continued.id);
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        verifier.finish(continued)
    };
    assert_eq!(verify(&both), Ok(()));
    assert_eq!(verify(&old.clone().accepting(b"the new key")), Ok(()));
    assert_eq!(verify(&old), Err(ChainFault::Broken { sequence: 2 }));
    assert_eq!(verify(&new), Err(ChainFault::Broken { sequence: 1 }));
}

/// Computed with Python's `hmac`: `hmac(hmac(key, b"incident-timeline-key-check-v1"), b"incident-timeline-key")`.
#[test]
fn the_check_value_of_a_known_key_never_changes() {
    let key = TimelineKey::new(b"known answer").accepting(b"another key");
    let text: String = key.check().as_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(text, "c8818906d46d40737ff5bca018ccedeee63f0deeed5a373a0d54fa94628ae762");
    assert_eq!(key.accepted_checks(), [key.check(), TimelineKey::new(b"another key").check()]);
    assert_eq!(format!("{:?}", key.check()), "KeyCheck");
}

#[test]
fn debug_output_hides_the_key() {
    let key = TimelineKey::new(b"do not show me").accepting(b"nor me");
    assert_eq!(format!("{key:?}"), "TimelineKey(secret)");
    let verifier = ChainVerifier::new(&key, incident_id());
    assert!(format!("{verifier:?}").contains("TimelineKey(secret)"));
}

#[test]
fn a_hash_is_restored_from_32_bytes_and_from_no_other_number() {
    let hash = EntryHash::new([7; 32]);
    assert_eq!(EntryHash::try_from(hash.as_bytes().as_slice()), Ok(hash));
    for bytes in [0, 31, 33] {
        assert!(EntryHash::try_from(vec![7; bytes].as_slice()).is_err(), "{bytes} bytes");
    }
    assert_eq!(hash.to_string(), "07".repeat(32));
}

#[test]
fn different_histories_have_different_last_hashes() {
    always(200, &(history(1..6), history(1..6)), |(one, two)| {
        let are_equal = one.entries == two.entries;
        assert_eq!(one.incident.timeline_hash == two.incident.timeline_hash, are_equal);
        Ok(())
    });
}

impl History {
    /// Verifies entries with the incident and the key.
    pub(crate) fn verify(&self, entries: &[TimelineEntry]) -> Result<(), ChainFault> {
        self.verify_with(&self.incident, entries)
    }

    fn verify_with(&self, incident: &IncidentRecord, entries: &[TimelineEntry]) -> Result<(), ChainFault> {
        let mut verifier = ChainVerifier::new(&self.scene.key, incident.id);
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        verifier.finish(incident)
    }
}
