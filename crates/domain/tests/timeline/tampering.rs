//! An intruder who can write to the storage but does not know the key.

use std::{cell::RefCell, collections::BTreeMap};

use chrono::TimeDelta;
use incident_domain::{
    Actor, ChainFault, ChainVerifier, EntryDetails, EntryHash, EntryId, Incident, IncidentId, Note, Priority, Status,
    TaskField, TimelineEntry, TimelineKey, Title,
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use crate::{
    always,
    history::{History, actors, history},
    scene::{note, user_id},
};

const TAMPERINGS: u32 = 4_000;

/// What the intruder does at a place of the timeline.
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
    InsertForeignUnderOurName,
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
    Tampering::InsertForeignUnderOurName,
    Tampering::AppendForeign,
    Tampering::ResealWithOtherKey,
    Tampering::ResealWithNoKey,
    Tampering::EraseAll,
];

fn somebody_elses() -> IncidentId {
    IncidentId::new(Uuid::from_u128(0xf0))
}

/// Another story for an entry, told as plausibly as can be.
fn retold(details: &EntryDetails) -> EntryDetails {
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

/// Seals all entries anew, as the server would, with a key that is not the server's.
fn reseal(entries: &mut [TimelineEntry], key: &TimelineKey) {
    let mut head = EntryHash::NONE;
    for entry in entries {
        entry.hash = entry.expected_hash(key, &head);
        head = entry.hash;
    }
}

/// What is at hand for a tampering.
struct Chances {
    place: usize,
    other_place: usize,
    bit: usize,
    actor: Actor,
    foreign: History,
}

fn tamper(entries: &mut Vec<TimelineEntry>, how: Tampering, chances: Chances) {
    let Chances { place, other_place, bit, actor, foreign } = chances;
    let foreign = foreign.entries.last().unwrap().clone();
    match how {
        Tampering::EditId => entries[place].id = EntryId::new(Uuid::from_u128(0xf1)),
        Tampering::EditIncident => entries[place].incident_id = somebody_elses(),
        Tampering::EditSequence => entries[place].sequence ^= 1 << (bit % 32),
        Tampering::EditActor => entries[place].actor = actor,
        Tampering::EditTime => entries[place].at += TimeDelta::microseconds(1),
        Tampering::EditMessage => {
            let text = entries[place].message.as_ref().map_or("not", Note::as_str);
            entries[place].message = if bit % 3 == 0 { None } else { Some(note(&format!("{text}!"))) };
        }
        Tampering::EditDetails => entries[place].details = retold(&entries[place].details),
        Tampering::EditHash => {
            let mut bytes = *entries[place].hash.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            entries[place].hash = EntryHash::new(bytes);
        }
        Tampering::Delete | Tampering::DeleteAndRenumber => {
            entries.remove(place);
        }
        Tampering::Swap | Tampering::SwapAndRenumber => entries.swap(place, other_place),
        Tampering::TruncateTail => entries.truncate(place),
        Tampering::Duplicate => entries.insert(other_place, entries[place].clone()),
        Tampering::DuplicateAndRenumber => entries.insert(place, entries[place].clone()),
        Tampering::InsertForeign => entries.insert(place, TimelineEntry { incident_id: somebody_elses(), ..foreign }),
        Tampering::InsertForeignUnderOurName => entries.insert(place, foreign),
        Tampering::AppendForeign => {
            let sequence = entries.last().map_or(1, |last| last.sequence + 1);
            entries.push(TimelineEntry { sequence, ..foreign });
        }
        Tampering::ResealWithOtherKey => reseal(entries, &TimelineKey::new(b"a key that somebody made up")),
        Tampering::ResealWithNoKey => reseal(entries, &TimelineKey::new(b"")),
        Tampering::EraseAll => entries.clear(),
    }
    let renumbered = [Tampering::DeleteAndRenumber, Tampering::SwapAndRenumber, Tampering::DuplicateAndRenumber];
    if renumbered.contains(&how) {
        renumber(entries);
    }
}

#[test]
fn every_one_of_thousands_of_random_tamperings_shows() {
    let tally = RefCell::new(BTreeMap::<Tampering, u32>::new());
    let cases = (history(1..8), history(1..3), select(ALL), any::<(usize, usize)>(), 0..256_usize, actors());
    always(TAMPERINGS, &cases, |(history, foreign, how, (place, other_place), bit, actor)| {
        let count = history.entries.len();
        let chances = Chances { place: place % count, other_place: other_place % count, bit, actor, foreign };
        let mut tampered = history.entries.clone();
        tamper(&mut tampered, how, chances);
        if tampered == history.entries {
            // Swapped with itself, or edited to what it was: nothing happened that could show.
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
fn the_first_entry_that_does_not_fit_is_named() {
    always(200, &(history(2..10), any::<usize>()), |(history, place)| {
        let place = place % history.entries.len();
        let mut tampered = history.entries.clone();
        tampered[place].at += TimeDelta::microseconds(1);
        let sequence = history.entries[place].sequence;
        assert_eq!(history.verify(&tampered), Err(ChainFault::Broken { sequence }));
        Ok(())
    });
}

#[test]
fn a_cut_tail_is_told_from_a_changed_entry() {
    always(200, &(history(2..10), any::<usize>()), |(history, place)| {
        let kept = place % history.entries.len();
        let fault = history.verify(&history.entries[..kept]);
        let found = u32::try_from(kept).unwrap();
        assert_eq!(fault, Err(ChainFault::WrongLength { expected: history.incident.timeline_length, found }));
        Ok(())
    });
}

#[test]
fn a_cut_tail_shows_even_if_the_incident_is_made_to_know_of_fewer_entries() {
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
fn a_timeline_fits_no_other_incident_and_no_other_key() {
    always(50, &history(1..5), |history| {
        let other_key = TimelineKey::new(b"another key");
        let first = &history.entries[0];
        let mut elsewhere = ChainVerifier::new(&history.scene.key, somebody_elses());
        assert_eq!(elsewhere.check(first), Err(ChainFault::Broken { sequence: 1 }));
        let mut otherwise = ChainVerifier::new(&other_key, history.incident.id);
        assert_eq!(otherwise.check(first), Err(ChainFault::Broken { sequence: 1 }));
        Ok(())
    });
}
