//! Tampering by an attacker who can write to the store but does not know the key.

use std::{cell::RefCell, collections::BTreeMap};

use chrono::TimeDelta;
use incident_domain::{
    incidents::{
        ChainFault, ChainVerifier, EntryDetails, EntryHash, EntryId, Incident, IncidentId, Priority, Status, TaskField,
        TimelineEntry, TimelineKey,
    },
    kernel::{Actor, Note, Title},
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use crate::{
    always,
    history::{History, actors, history},
    scene::{note, user_id},
};

const TAMPERINGS: u32 = 4_000;

/// A change that the attacker makes at an index of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tampering {
    EditId,
    EditIncident,
    EditSequence,
    EditActor,
    EditTime,
    EditMessage,
    EditDetails,
    EditHash,
    Delete,
    DeleteAndRenumber,
    Swap,
    SwapAndRenumber,
    TruncateTail,
    Duplicate,
    DuplicateAndRenumber,
    InsertForeign,
    InsertForeignWithOurId,
    AppendForeign,
    ResealWithOtherKey,
    ResealWithNoKey,
    EraseAll,
}

const ALL: &[Tampering] = &[
    Tampering::EditId,
    Tampering::EditIncident,
    Tampering::EditSequence,
    Tampering::EditActor,
    Tampering::EditTime,
    Tampering::EditMessage,
    Tampering::EditDetails,
    Tampering::EditHash,
    Tampering::Delete,
    Tampering::DeleteAndRenumber,
    Tampering::Swap,
    Tampering::SwapAndRenumber,
    Tampering::TruncateTail,
    Tampering::Duplicate,
    Tampering::DuplicateAndRenumber,
    Tampering::InsertForeign,
    Tampering::InsertForeignWithOurId,
    Tampering::AppendForeign,
    Tampering::ResealWithOtherKey,
    Tampering::ResealWithNoKey,
    Tampering::EraseAll,
];

fn other_incident() -> IncidentId {
    IncidentId::new(Uuid::from_u128(0xf0))
}

/// Returns plausible details that differ from the given ones.
fn altered(details: &EntryDetails) -> EntryDetails {
    match details.clone() {
        EntryDetails::Opened { priority: Priority::Low, title } => {
            EntryDetails::Opened { title, priority: Priority::Critical }
        }
        EntryDetails::Opened { .. } => {
            EntryDetails::Opened { title: Title::parse("nothing much").unwrap(), priority: Priority::Low }
        }
        EntryDetails::StatusChanged { from, to, hold_reason, resolution: Some(_), duplicate_of } => {
            EntryDetails::StatusChanged { from, to, hold_reason, resolution: None, duplicate_of }
        }
        EntryDetails::StatusChanged { from, to, hold_reason, resolution, duplicate_of } => {
            let to = if to == Status::Closed { Status::Open } else { Status::Closed };
            EntryDetails::StatusChanged { from, to, hold_reason, resolution, duplicate_of }
        }
        EntryDetails::Assigned { from, to } => EntryDetails::Assigned { from: to, to: from },
        EntryDetails::FieldChanged { field, from, to } => EntryDetails::FieldChanged { field, from: to, to: from },
        EntryDetails::Commented => EntryDetails::Assigned { from: None, to: Some(user_id(9)) },
        EntryDetails::Imported { source, reference } if source == reference => EntryDetails::Commented,
        EntryDetails::Imported { source, reference } => EntryDetails::Imported { source: reference, reference: source },
        EntryDetails::TaskAdded { task_id, title } => EntryDetails::TaskRemoved { task_id, title },
        EntryDetails::TaskRemoved { task_id, title } => EntryDetails::TaskAdded { task_id, title },
        EntryDetails::TaskChanged { task_id, field, from, to } if from == to => {
            let field = if field == TaskField::Title { TaskField::Description } else { TaskField::Title };
            EntryDetails::TaskChanged { task_id, field, from, to }
        }
        EntryDetails::TaskChanged { task_id, field, from, to } => {
            EntryDetails::TaskChanged { task_id, field, from: to, to: from }
        }
    }
}

fn renumber(entries: &mut [TimelineEntry]) {
    for (sequence, entry) in (1..).zip(entries) {
        entry.sequence = sequence;
    }
}

/// Seals all entries as the server does, with another key.
fn reseal(entries: &mut [TimelineEntry], key: &TimelineKey) {
    let mut head = EntryHash::NONE;
    for entry in entries {
        entry.hash = entry.expected_hash(key, &head);
        head = entry.hash;
    }
}

/// The parameters of a tampering.
struct Parameters {
    index: usize,
    other_index: usize,
    bit: usize,
    actor: Actor,
    foreign: History,
}

fn tamper(entries: &mut Vec<TimelineEntry>, how: Tampering, parameters: Parameters) {
    let Parameters { index, other_index, bit, actor, foreign } = parameters;
    let foreign = foreign.entries.last().unwrap().clone();
    match how {
        Tampering::EditId => entries[index].id = EntryId::new(Uuid::from_u128(0xf1)),
        Tampering::EditIncident => entries[index].incident_id = other_incident(),
        Tampering::EditSequence => entries[index].sequence ^= 1 << (bit % 32),
        Tampering::EditActor => entries[index].actor = actor,
        Tampering::EditTime => entries[index].at += TimeDelta::microseconds(1),
        Tampering::EditMessage => {
            let text = entries[index].message.as_ref().map_or("not", Note::as_str);
            entries[index].message = if bit % 3 == 0 { None } else { Some(note(&format!("{text}!"))) };
        }
        Tampering::EditDetails => entries[index].details = altered(&entries[index].details),
        Tampering::EditHash => {
            let mut bytes = *entries[index].hash.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            entries[index].hash = EntryHash::new(bytes);
        }
        Tampering::Delete | Tampering::DeleteAndRenumber => {
            entries.remove(index);
        }
        Tampering::Swap | Tampering::SwapAndRenumber => entries.swap(index, other_index),
        Tampering::TruncateTail => entries.truncate(index),
        Tampering::Duplicate => entries.insert(other_index, entries[index].clone()),
        Tampering::DuplicateAndRenumber => entries.insert(index, entries[index].clone()),
        Tampering::InsertForeign => entries.insert(index, TimelineEntry { incident_id: other_incident(), ..foreign }),
        Tampering::InsertForeignWithOurId => entries.insert(index, foreign),
        Tampering::AppendForeign => {
            let sequence = entries.last().map_or(1, |last| last.sequence + 1);
            entries.push(TimelineEntry { sequence, ..foreign });
        }
        Tampering::ResealWithOtherKey => reseal(entries, &TimelineKey::new(b"a key of the attacker")),
        Tampering::ResealWithNoKey => reseal(entries, &TimelineKey::new(b"")),
        Tampering::EraseAll => entries.clear(),
    }
    let renumbered = [Tampering::DeleteAndRenumber, Tampering::SwapAndRenumber, Tampering::DuplicateAndRenumber];
    if renumbered.contains(&how) {
        renumber(entries);
    }
}

#[test]
fn thousands_of_random_tamperings_are_detected() {
    let tally = RefCell::new(BTreeMap::<Tampering, u32>::new());
    let cases = (history(1..8), history(1..3), select(ALL), any::<(usize, usize)>(), 0..256_usize, actors());
    always(TAMPERINGS, &cases, |(history, foreign, how, (index, other_index), bit, actor)| {
        let count = history.entries.len();
        let parameters = Parameters { index: index % count, other_index: other_index % count, bit, actor, foreign };
        let mut tampered = history.entries.clone();
        tamper(&mut tampered, how, parameters);
        if tampered == history.entries {
            // Swapped with itself or edited to the same value: there is nothing to detect.
            return Ok(());
        }
        assert_ne!(history.verify(&tampered), Ok(()), "{how:?}");
        *tally.borrow_mut().entry(how).or_default() += 1;
        Ok(())
    });
    let tally = tally.into_inner();
    let detected: u32 = tally.values().sum();
    assert!(detected >= 1_000, "{detected} tamperings");
    for how in ALL {
        assert!(tally.contains_key(how), "{how:?} never happened");
    }
}

#[test]
fn the_fault_names_the_first_entry_that_does_not_fit() {
    always(200, &(history(2..10), any::<usize>()), |(history, index)| {
        let index = index % history.entries.len();
        let mut tampered = history.entries.clone();
        tampered[index].at += TimeDelta::microseconds(1);
        let sequence = history.entries[index].sequence;
        assert_eq!(history.verify(&tampered), Err(ChainFault::Broken { sequence }));
        Ok(())
    });
}

#[test]
fn a_removed_end_is_reported_as_a_wrong_length() {
    always(200, &(history(2..10), any::<usize>()), |(history, index)| {
        let kept = index % history.entries.len();
        let fault = history.verify(&history.entries[..kept]);
        let found = u32::try_from(kept).unwrap();
        assert_eq!(fault, Err(ChainFault::WrongLength { expected: history.incident.timeline_length, found }));
        Ok(())
    });
}

#[test]
fn a_removed_end_with_an_adjusted_length_is_reported_as_a_wrong_last_hash() {
    always(200, &history(2..10), |mut history| {
        let mut record = history.incident.clone().into_record();
        record.timeline_length -= 1;
        history.incident = Incident::restore(record);
        let kept = history.entries.len() - 1;
        assert_eq!(history.verify(&history.entries[..kept]), Err(ChainFault::WrongHead));
        Ok(())
    });
}

#[test]
fn a_timeline_is_invalid_for_another_incident_and_for_another_key() {
    always(50, &history(1..5), |history| {
        let other_key = TimelineKey::new(b"another key");
        let first = &history.entries[0];
        let mut of_other_incident = ChainVerifier::new(&history.scene.key, other_incident());
        assert_eq!(of_other_incident.check(first), Err(ChainFault::Broken { sequence: 1 }));
        let mut with_other_key = ChainVerifier::new(&other_key, history.incident.id);
        assert_eq!(with_other_key.check(first), Err(ChainFault::Broken { sequence: 1 }));
        Ok(())
    });
}
